import { loadSettings } from '../../../src/compose.ts';
import { FUNCTION_CONFIGS } from '../../../src/config.ts';
import { ConfigError } from '../../../src/read-config.ts';
import type { Finding } from './finding.ts';

/** Whether each function can read its settings, secrets of AWS included. */
export async function checkSettings(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, schema] of Object.entries(FUNCTION_CONFIGS)) {
    const part = `settings of ${name}`;
    try {
      await loadSettings(schema);
      findings.push({ level: 'ok', part, says: 'complete' });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const todo = 'Set it in the environment or in .env; docs/configuration.md explains each.';
      findings.push({ level: 'fail', part, says: error.problems.join('; '), todo });
    }
  }
  return findings;
}
