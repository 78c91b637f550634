import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { prepareStores } from '../../scripts/start/prepare-stores.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import { generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { bundleFunction, FUNCTION_NAMES } from '../support/bundle-function.ts';
import { toEvent } from '../support/http-event.ts';
import { rmqEvent, someMessage } from '../support/rmq-event.ts';
import { tempDir } from '../support/temp-dir.ts';

/** What takes time to evaluate, and is not for everybody who imports a function. */
const DRIVERS: Readonly<Record<string, RegExp>> = {
  '@aws-sdk': /^node_modules\/@(aws-sdk|smithy)\/|\.aws-sdk-[a-z-]+\.cjs$/,
  '@tus/server': /\.tus-server\.cjs$/,
  amqplib: /\.amqplib\.cjs$/,
  // In a thread alone, never where requests are answered.
  bcryptjs: /^node_modules\/bcryptjs\//,
  jose: /^node_modules\/jose\//,
  kysely: /\.kysely\.cjs$/,
  mongodb: /\.mongodb\.cjs$/,
  mysql2: /\.mysql2\.cjs$/,
  'node:sqlite': /^node:sqlite$/,
  nodemailer: /\.nodemailer\.cjs$/,
  'swagger-ui-dist': /^node_modules\/swagger-ui-dist\//,
};

const CALLER = fileURLToPath(new URL('../support/call-bundle.ts', import.meta.url));
const answerSchema = z.object({
  imported: z.array(z.string()),
  called: z.array(z.string()),
  outcome: z.string(),
});

const directory = await tempDir('bundles');
const bundles = new Map(
  await Promise.all(
    FUNCTION_NAMES.map(async (name) => [name, await bundleFunction(name, directory)] as const),
  ),
);

const ID = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';
const SECRET = 'a secret of the tests, which is long';
const EXPIRES_AT = new Date(Date.now() + 60_000);
const key = createHmacLinkSigner({ secret: SECRET }).sign({
  ...{ purpose: 'stream', conversionId: ID, expiresAt: EXPIRES_AT, generation: 0 },
});
const { privateJwk, publicJwk } = await generateSigningKey();

/** Stores that need nothing but a folder. */
const EMBEDDED = {
  USERS_URL: `sqlite:${join(directory, 'users.sqlite')}`,
  FILES_URL: `disk:${join(directory, 'files')}`,
  CONVERSIONS_URL: `sqlite:${join(directory, 'conversions.sqlite')}`,
  QUEUE_URL: `embedded:${join(directory, 'queue.sqlite')}`,
};

/** Nothing answers there: a driver is evaluated before it can find out. */
const SERVICES = {
  USERS_URL: 'mysql://soundlift:soundlift@127.0.0.1:1/soundlift',
  FILES_URL: 'mongodb://127.0.0.1:1/soundlift',
  CONVERSIONS_URL: 'mongodb://127.0.0.1:1/soundlift',
  QUEUE_URL: 'amqp://guest:guest@127.0.0.1:1',
};

const COMMON = {
  PUBLIC_URL: 'http://127.0.0.1:1',
  MAIL_URL: 'smtp://127.0.0.1:1',
  TOKEN_PRIVATE_KEY: JSON.stringify(privateJwk),
  TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
  LINK_SECRET: SECRET,
  FFMPEG_PATH: process.execPath,
};

const health = await toEvent('/health', {});
const openStream = await toEvent(`/${ID}?key=${key}`, {});
const register = await toEvent('/api/v1/users', {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    email: 'ada@example.org',
    password: 'correct horse battery',
    full_name: 'Ada',
  }),
});
const askTus = await toEvent('/api/v1/uploads', { method: 'OPTIONS' });
const showDocs = await toEvent('/openapi.json', {});

const uploaded = rmqEvent('video.uploaded', someMessage('video.uploaded', ID));
const ready = rmqEvent('audio.ready', someMessage('audio.ready', ID));
const queueApart = { ...EMBEDDED, QUEUE_URL: SERVICES.QUEUE_URL };
const sqs = { ...EMBEDDED, QUEUE_URL: 'sqs:http://127.0.0.1:1/000000000000/soundlift' };
const AWS = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
};

/** What a function is called with, the URLs that it has, and the drivers that this evaluates. */
const CASES = [
  ['gateway', 'embedded', health, EMBEDDED, ['jose', 'node:sqlite']],
  ['gateway', 'services', health, SERVICES, ['amqplib', 'jose', 'mongodb']],
  ['gateway', 'embedded, but RabbitMQ', health, queueApart, ['amqplib', 'jose', 'node:sqlite']],
  ['gateway', 'embedded, but SQS', health, { ...sqs, ...AWS }, ['@aws-sdk', 'jose', 'node:sqlite']],
  ['gateway', 'services, asked for /openapi.json', showDocs, SERVICES, ['jose']],
  ['gateway', 'services, asked what tus can', askTus, SERVICES, ['@tus/server', 'jose']],
  ['stream', 'embedded', openStream, EMBEDDED, ['node:sqlite']],
  ['stream', 'services', openStream, SERVICES, ['mongodb']],
  ['users', 'embedded', register, EMBEDDED, ['jose', 'kysely', 'node:sqlite']],
  ['users', 'services', register, SERVICES, ['jose', 'kysely', 'mysql2']],
  ['converter', 'embedded', uploaded, EMBEDDED, ['node:sqlite']],
  ['converter', 'services', uploaded, SERVICES, ['amqplib', 'mongodb']],
  ['notifier', 'embedded', ready, EMBEDDED, ['node:sqlite']],
  ['notifier', 'services', ready, SERVICES, ['amqplib', 'mongodb']],
  ['janitor', 'embedded', {}, EMBEDDED, ['node:sqlite']],
  ['janitor', 'services', {}, SERVICES, ['mongodb']],
] as const;

describe.concurrent('a driver is evaluated when a URL has chosen it and it is needed', () => {
  test.for(CASES)('%s on %s', { timeout: 60_000 }, async ([name, _, event, urls, drivers]) => {
    const { imported, called, outcome } = await callBundle(name, event, { ...COMMON, ...urls });
    expect(
      imported.some((path) => path.startsWith('functions/')),
      'sees what is evaluated',
    ).toBe(true);
    expect(driversOf(imported), 'by the import').toEqual([]);
    expect(driversOf(called), outcome).toEqual(drivers);
  });

  test('and every function of serverless.yml has a case', () => {
    expect(new Set(CASES.map(([name]) => name))).toEqual(new Set(FUNCTION_NAMES));
  });
});

test('passwords are hashed by a thread whose file is beside the bundle', async () => {
  const urls = { ...EMBEDDED, USERS_URL: `sqlite:${join(directory, 'accounts.sqlite')}` };
  await prepareStores(urls);
  const { outcome } = await callBundle('users', register, { ...COMMON, ...urls });
  expect(JSON.parse(outcome)).toMatchObject({ statusCode: 201 });
});

async function callBundle(name: string, event: unknown, environment: Record<string, string>) {
  const bundle = bundles.get(name);
  if (bundle === undefined) throw new Error(`serverless.yml has no ${name}`);
  const child = fork(CALLER, [bundle.path, bundle.handlerName], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send({ event, inputs: bundle.inputs });
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`ended with ${code}`)),
  );
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  return answerSchema.parse(answer);
}

function driversOf(paths: readonly string[]): string[] {
  return Object.keys(DRIVERS).filter((name) => paths.some((path) => DRIVERS[name]?.test(path)));
}
