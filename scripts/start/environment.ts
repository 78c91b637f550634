import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { FUNCTION_CONFIGS } from '../../src/config.ts';
import { readSetting } from '../../src/read-config.ts';
import { linkSecret } from './link-secret.ts';
import { signingKey } from './signing-key.ts';

/** What the run itself is set by, beside the settings of the functions. */
export const RUN_SETTINGS = {
  PORT: 'The port of the API (3000).',
  MAIL_PORT: 'The port of the embedded mail server (1025).',
  MAIL_PAGE_PORT: 'The port of the page that shows its mails (1080).',
  DATA_DIR: 'The folder for everything that `npm start` keeps (`./data`).',
  EMULATOR_URL: 'The emulated cloud of `npm run deploy:local` (`http://127.0.0.1:4566`).',
} as const;

/** What docker-compose.yml reads of `.env`, beside settings of the functions. */
export const COMPOSE_SETTINGS = {
  MYSQL_DATABASE: 'The database that MySQL is made with (`soundlift`).',
  MYSQL_USER: 'The user who may use it (`soundlift`).',
  MYSQL_PASSWORD: 'That user’s password (`soundlift`).',
  RABBITMQ_USER: 'The user that RabbitMQ is made with (`guest`).',
  RABBITMQ_PASSWORD: 'That user’s password (`guest`).',
} as const;

export type Environment = Record<string, string>;

export const dataDirectory = (): string => resolve(process.env['DATA_DIR'] || 'data');

/** Every store in one folder: nothing but Node is needed. */
export async function embeddedEnvironment(
  publicUrl: string,
  mailPort: number,
  streamUrl: string,
): Promise<Environment> {
  const data = dataDirectory();
  const queuePath = join(data, 'queue.sqlite');
  return {
    ...(await tokenKeys()),
    LINK_SECRET: linkSecret(data),
    PUBLIC_URL: publicUrl,
    STREAM_URL: streamUrl,
    USERS_URL: `sqlite:${join(data, 'users.sqlite')}`,
    FILES_URL: `disk:${join(data, 'files')}`,
    CONVERSIONS_URL: `sqlite:${join(data, 'conversions.sqlite')}`,
    QUEUE_URL: `embedded:${queuePath}`,
    MAIL_URL: `smtp://127.0.0.1:${mailPort}`,
    EVENT_SOURCE: './scripts/start/embedded-source.ts',
  };
}

/** Real services, as the environment names them. Without a `streamUrl` nothing streams. */
export async function servicesEnvironment(
  publicUrl: string,
  streamUrl?: string,
): Promise<Environment> {
  const given = givenSettings();
  const queueUrl = given['QUEUE_URL'] ?? '';
  return {
    PUBLIC_URL: publicUrl,
    // Whoever comes from elsewhere does not reach a port of this machine.
    ...('PUBLIC_URL' in given || !streamUrl ? {} : { STREAM_URL: streamUrl }),
    ...('TOKEN_PRIVATE_KEY' in given ? {} : await tokenKeys()),
    ...('LINK_SECRET' in given ? {} : { LINK_SECRET: linkSecret(dataDirectory()) }),
    EVENT_BROKER_URL: queueUrl,
    QUEUE_VIRTUAL_HOST: virtualHostOf(queueUrl),
    QUEUE_SHARDS: URL.parse(queueUrl)?.searchParams.get('shards') ?? '1',
    ...given,
  };
}

/** Every setting of a function that is given, also as a file: what is started sees the values. */
function givenSettings(): Environment {
  const names = Object.values(FUNCTION_CONFIGS).flatMap(({ shape }) => Object.keys(shape));
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = readSetting(process.env, name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** `amqp://host/videos` → `videos`; without a path it is the broker's own, `/`. */
function virtualHostOf(amqpUrl: string): string {
  const path = URL.parse(amqpUrl)?.pathname.slice(1);
  return path ? decodeURIComponent(path) : '/';
}

async function tokenKeys(): Promise<Environment> {
  const key = await signingKey(dataDirectory());
  return { TOKEN_PRIVATE_KEY: key.privateJwk, TOKEN_PUBLIC_KEYS: key.publicJwks };
}

/** Adds the settings of a file to the environment, which wins. */
export function loadDotEnv(path: string): void {
  for (const [name, value] of Object.entries(readDotEnv(path))) process.env[name] ||= value;
}

/** Adds what .env.example has to an environment that says nothing else, not even by a file. */
export function loadDefaults(): void {
  for (const [name, value] of Object.entries(readDotEnv('.env.example'))) {
    if (!process.env[`${name}_FILE`]) process.env[name] ||= value;
  }
}

/** @throws {Error} with one line for every setting that Soundlift does not know */
export function readDotEnv(path: string): Environment {
  if (!existsSync(path)) return {};
  const given = Object.entries(parseEnv(readFileSync(path, 'utf8')));
  const unknown = given.map(([name]) => name).filter((name) => !isKnown(name));
  if (unknown.length > 0) {
    const lines = unknown.map((name) => `  ${name} is not a setting of Soundlift`);
    throw new Error(`${path} cannot be used; see docs/configuration.md\n${lines.join('\n')}`);
  }
  return Object.fromEntries(given.map(([name, value]) => [name, value ?? '']));
}

function isKnown(name: string): boolean {
  const setting = name.replace(/_FILE$/, '');
  if (setting in RUN_SETTINGS || name in COMPOSE_SETTINGS) return true;
  return Object.values(FUNCTION_CONFIGS).some(({ shape }) => setting in shape);
}
