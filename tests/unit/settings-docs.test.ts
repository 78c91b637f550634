import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMPOSE_SETTINGS, RUN_SETTINGS, readDotEnv } from '../../scripts/start/environment.ts';
import { FUNCTION_CONFIGS } from '../../src/config.ts';
import { readConfig } from '../../src/read-config.ts';
import { section, tableRows } from '../support/markdown.ts';

const MANUAL = readFileSync('docs/configuration.md', 'utf8');
const EXAMPLE = readFileSync('.env.example', 'utf8');
const SERVERLESS = readFileSync('serverless.yml', 'utf8');

const environmentSchema = z.record(z.string(), z.string()).default({});
const serverless = z
  .object({
    provider: z.object({ environment: environmentSchema }),
    params: z.object({
      default: z.record(z.string(), z.unknown()),
      local: z.record(z.string(), z.unknown()),
    }),
    functions: z.record(z.string(), z.object({ environment: environmentSchema })),
  })
  .parse(parse(SERVERLESS));

/** What a schema says of a setting, as far as documents repeat it. */
const settingSchema = z.object({
  default: z.string().optional(),
  secret: z.boolean().default(false),
  /** Set by whatever runs the function, and by nobody who configures it. */
  ofHost: z.boolean().default(false),
});
const jsonSchema = z.object({
  properties: z.record(z.string(), settingSchema),
  required: z.array(z.string()),
});

interface Setting {
  readonly name: string;
  /** As the table shows it. */
  readonly defaultValue: string;
  readonly secret: 'yes' | 'no';
}

function settingsOf(schema: z.ZodObject): Setting[] {
  const { properties, required } = jsonSchema.parse(z.toJSONSchema(schema, { io: 'input' }));
  return Object.entries(properties)
    .filter(([, setting]) => !setting.ofHost)
    .map(([name, setting]) => ({
      name,
      defaultValue: required.includes(name) ? 'required' : setting.default || 'none',
      secret: setting.secret ? 'yes' : 'no',
    }));
}

const FUNCTIONS = Object.entries(FUNCTION_CONFIGS).map(([name, schema]) => ({
  name,
  schema,
  settings: settingsOf(schema),
}));
const ALL_NAMES = new Set(FUNCTIONS.flatMap(({ settings }) => settings.map(({ name }) => name)));

test('serverless.yml and the settings know the same functions', () => {
  expect(Object.keys(serverless.functions).sort()).toEqual(Object.keys(FUNCTION_CONFIGS).sort());
});

describe.each(FUNCTIONS)('the settings of $name', ({ name, settings }) => {
  test('are the rows of its table in docs/configuration.md', () => {
    const rows = tableRows(section(MANUAL, name)).map(([name, defaultValue, secret]) => ({
      name,
      defaultValue,
      secret,
    }));
    expect(rows).toEqual(settings);
  });

  test('are the environment that serverless.yml gives it', () => {
    const given = {
      ...serverless.provider.environment,
      ...serverless.functions[name]?.environment,
    };
    expect(Object.keys(given)).toEqual(settings.map((setting) => setting.name));
    for (const [variable, value] of Object.entries(given)) {
      const fromEnvironment = new RegExp(`^\\$\\{env:${variable}, '.*'\\}$`);
      if (fromEnvironment.test(value)) continue;
      expect(value).toBe(`\${param:${variable}}`);
      expect(serverless.params.local[variable]).toMatch(fromEnvironment);
      expect(serverless.params.default).toHaveProperty(variable);
    }
  });

  test('are named where they are secret, and given on this machine only', () => {
    const secrets = settings.filter(({ secret }) => secret === 'yes').map(({ name }) => name);
    for (const secret of secrets) {
      expect(serverless.functions[name]?.environment).toHaveProperty(secret, `\${param:${secret}}`);
      const stored = `{ssm:/\${self:service}/\${sls:stage}/${secret}}`;
      const named = secret === 'QUEUE_URL' ? `\${file(infra/messages.cjs):url}` : stored;
      expect(serverless.params.default[secret]).toBe(named);
    }
  });
});

describe('.env.example', () => {
  test('names every setting, and nothing else', () => {
    const names = [...EXAMPLE.matchAll(/^(?:# )?([A-Z][A-Z_]*?)(?:_FILE)?=/gm)];
    expect(new Set(names.map(([, name]) => name))).toEqual(
      new Set([...ALL_NAMES, ...Object.keys(COMPOSE_SETTINGS)]),
    );
  });

  /** What `npm run start:services` makes itself when it is not given. */
  const made = {
    PUBLIC_URL: 'http://localhost:3000',
    TOKEN_PRIVATE_KEY: '{"kty":"OKP","kid":"…","d":"…"}',
    TOKEN_PUBLIC_KEYS: '{"keys":[{"kid":"…"}]}',
    LINK_SECRET: 'made once, and kept in the data folder',
  };

  test('is all that `npm run start:services` needs, beside what it makes itself', () => {
    const given = readDotEnv('.env.example');
    expect(Object.keys(given).filter((name) => name in made)).toEqual([]);
    for (const { schema } of FUNCTIONS) readConfig(schema, { ...made, ...given });
  });

  test('shows values that are accepted, also in what is commented out', () => {
    const lines = [...EXAMPLE.matchAll(/^(?:# )?([A-Z_]+)=(.+)$/gm)];
    const shown = lines.filter(([, name]) => !name?.endsWith('_FILE'));
    const values = Object.fromEntries(shown.map(([, name, value]) => [name, value]));
    for (const { schema } of FUNCTIONS) readConfig(schema, { ...made, ...values });
  });
});

describe('docs/configuration.md', () => {
  test.each([
    ['Settings of the local run', RUN_SETTINGS],
    ['Settings of docker-compose.yml', COMPOSE_SETTINGS],
  ])('has the %s', (heading, settings) => {
    const rows = tableRows(section(MANUAL, heading));
    expect(rows.map(([name]) => name)).toEqual(Object.keys(settings));
    for (const [name, standard] of rows) {
      const purpose = new Map<string, string>(Object.entries(settings)).get(name ?? '');
      expect(purpose).toContain(standard);
    }
  });

  test('has every variable that serverless.yml reads', () => {
    const read = new Set([...SERVERLESS.matchAll(/\$\{env:([A-Z_]+)/g)].map(([, name]) => name));
    const documented = new Set(tableRows(MANUAL).map(([name]) => name));
    expect([...read].filter((name) => !documented.has(name))).toEqual([]);
  });

  test('has every service that tests look for, and where', () => {
    const source = readFileSync('tests/support/services.ts', 'utf8');
    const services = [...source.matchAll(/variable: '(\w+)', compose: '([^']+)'/g)];
    const rows = tableRows(section(MANUAL, 'For tests')).map(([name, url]) => `${name} ${url}`);
    expect(rows).toEqual(expect.arrayContaining(services.map(([, name, url]) => `${name} ${url}`)));
    expect(services.length).toBeGreaterThan(3);
  });
});
