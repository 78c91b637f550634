import { FUNCTION_CONFIGS } from '../../src/config.ts';
import { ConfigError, readConfig } from '../../src/read-config.ts';
import type { Environment } from './environment.ts';

/** Every function's settings, before anything is started. @throws {ConfigError} with all problems at once */
export function checkSettings(environment: Environment): void {
  const problems = new Set<string>();
  for (const schema of Object.values(FUNCTION_CONFIGS)) {
    try {
      readConfig(schema, { ...process.env, ...environment });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.add(problem);
    }
  }
  if (problems.size > 0) throw new ConfigError([...problems]);
}
