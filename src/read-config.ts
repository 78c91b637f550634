import { readFileSync } from 'node:fs';
import * as z from 'zod';
import type { SecretReader, SecretReference } from './ports/secret-reader.ts';

/*
 * How settings are read, whatever they are: src/config.ts says that. The only file that reads the environment.
 */

/** What is wrong with the settings, a line for each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The settings are not complete or not right:\n${problems.map((p) => `  ${p}`).join('\n')}`,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Reads a function's settings. A setting `X` may instead be given as `X_FILE`, the path of a file
 * that holds it, as secrets usually are.
 *
 * @throws {ConfigError} which never shows a value
 */
export function readConfig<Shape extends z.ZodObject>(
  schema: Shape,
  environment: Variables = process.env,
): z.infer<Shape> {
  const { given, problems } = givenSettings(schema, environment);
  return parseSettings(schema, given, problems);
}

/**
 * The same where settings may name values that are kept elsewhere: `{ssm:<parameter>}`,
 * `{secretsmanager:<secret>}` or `{secretsmanager:<secret>#<field>}`. What stands inside of a longer
 * value is a part of a URL, and is escaped as one.
 *
 * @throws {ConfigError} which never shows a value
 */
export async function loadConfig<Shape extends z.ZodObject>(
  schema: Shape,
  readSecrets: SecretReader,
  environment: Variables = process.env,
): Promise<z.infer<Shape>> {
  const { given, problems } = givenSettings(schema, environment);
  const references = Object.values(given).flatMap(referencesIn);
  if (references.length === 0) return parseSettings(schema, given, problems);
  const values = await readSecrets(references).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([...problems, `what settings refer to cannot be read: ${reason}`]);
  });
  const resolved = Object.entries(given).map(([name, value]) => {
    const isWhole = value.replace(REFERENCE, '') === '';
    const fill = () => {
      const secret = values.shift() ?? '';
      return isWhole ? secret : encodeURIComponent(secret);
    };
    return [name, value.replace(REFERENCE, fill)] as const;
  });
  return parseSettings(schema, Object.fromEntries(resolved), problems);
}

const REFERENCE = /\{(ssm|secretsmanager):([^{}#]+)(?:#([^{}#]+))?\}/g;
const storeSchema = z.enum(['ssm', 'secretsmanager']);

function referencesIn(value: string): SecretReference[] {
  return [...value.matchAll(REFERENCE)].map(([, store, id = '', field]) => ({
    store: storeSchema.parse(store),
    id,
    field,
  }));
}

function givenSettings(schema: z.ZodObject, environment: Variables) {
  const given: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of Object.keys(schema.shape)) {
    try {
      const value = readSetting(environment, name);
      if (value !== undefined) given[name] = value;
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { given, problems };
}

function parseSettings<Shape extends z.ZodObject>(
  schema: Shape,
  given: Readonly<Record<string, string>>,
  earlier: readonly string[],
): z.infer<Shape> {
  const result = schema.safeParse(given);
  if (result.success && earlier.length === 0) return result.data;
  const problems = [...earlier];
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    problems.push(`${name} ${given[name] === undefined ? 'is missing' : issue.message}`);
  }
  throw new ConfigError(problems);
}

/**
 * One setting as it is given, in itself or as the content of the file that `<name>_FILE` names. An
 * empty one is not given: that is how `.env` files leave things out.
 */
export function readSetting(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  const value = environment[name] || undefined;
  const file = environment[`${name}_FILE`] || undefined;
  if (file === undefined) return value;
  if (value !== undefined) throw new Error(`${name} and ${name}_FILE are both given; remove one`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Error(`${name}_FILE names a file that cannot be read: ${file}`, { cause });
  }
}
