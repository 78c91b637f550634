import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { runProgram } from '../support/program.ts';
import { tempDir } from '../support/temp-dir.ts';

const { privateJwk, publicJwk } = await generateSigningKey();
const KEYS = {
  TOKEN_PRIVATE_KEY: JSON.stringify(privateJwk),
  TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
  LINK_SeCrEt: 'SeCrEt of links that has 32 characters',
};

const storesAt = (host: string) => ({
  USERS_URL: `mysql://soundlift:SeCrEt-mysql@${host}/soundlift`,
  FILES_URL: `mongodb://soundlift:SeCrEt-files@${host}/soundlift`,
  CONVERSIONS_URL: `mongodb://soundlift:SeCrEt-conversions@${host}/soundlift`,
  QUEUE_URL: `amqp://soundlift:SeCrEt-queue@${host}/soundlift`,
  MAIL_URL: `smtp://soundlift:SeCrEt-mail@${host}`,
});

const embedded = await tempDir('secret-settings');
const EMBEDDED = {
  USERS_URL: `sqlite:${embedded}/users.sqlite`,
  FILES_URL: `disk:${embedded}/files`,
  CONVERSIONS_URL: `sqlite:${embedded}/conversions.sqlite`,
  QUEUE_URL: `embedded:${embedded}/queue.sqlite`,
  MAIL_URL: 'smtp://127.0.0.1:1',
};

/** All with SeCrEt where a secret stands. */
const SETTINGS: Readonly<Record<string, Record<string, string>>> = {
  'whose parts are not there': { ...KEYS, ...storesAt('127.0.0.1:1') },
  'whose hosts are none': { ...KEYS, ...storesAt('a host:port') },
  'whose ports are none': { ...KEYS, ...storesAt('127.0.0.1:99999999') },
  'whose keys are none': {
    ...KEYS,
    ...storesAt('127.0.0.1:1'),
    TOKEN_PRIVATE_KEY: JSON.stringify({ ...privateJwk, d: 'SeCrEt', x: 'SeCrEt' }),
  },
  'that are refused': {
    TOKEN_PRIVATE_KEY: '{"kty":"RSA","d":"SeCrEt"',
    TOKEN_PUBLIC_KEYS: '{"keys":[{"kid":"a","d":"SeCrEt"},{"kid":"a","d":"SeCrEt"}]}',
    LINK_SeCrEt: 'SeCrEt',
    ...storesAt('127.0.0.1:1'),
    USERS_URL: 'postgres://soundlift:SeCrEt@127.0.0.1/soundlift',
    QUEUE_URL: 'kafka://soundlift:SeCrEt@127.0.0.1',
  },
};

function expectNone(output: string, secrets: readonly string[]): void {
  const lines = output.split('\n');
  expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
}

describe('what all functions log, answer and throw', () => {
  test.each([
    ...Object.entries(SETTINGS),
    // One by one: of several that are wrong, only the first would be seen.
    ...['a host:port', '127.0.0.1:99999999', '[::1', '%zz'].flatMap((host) =>
      Object.entries(storesAt(host)).map(([name, url]): [string, Record<string, string>] => [
        `whose ${name} is at ${host}`,
        { ...KEYS, ...EMBEDDED, [name]: url },
      ]),
    ),
  ])(
    'shows no secret of settings %s',
    async (_, settings) => {
      const env = { PUBLIC_URL: 'http://127.0.0.1:1', LOG_LEVEL: 'debug', ...settings };
      const output = await runProgram({ args: ['tests/support/secrets/reach-nothing.ts'], env });
      expect(output).toContain('all functions were called');
      expectNone(output, ['SeCrEt', privateJwk.d ?? 'no key']);
    },
    120_000,
  );

  test('shows no secret of those who use it, rightly or wrongly', async () => {
    const directory = await tempDir('secrets');
    const path = join(directory, 'secrets.json');
    const args = ['tests/support/secrets/use-all.ts', join(directory, 'data'), path];
    const output = await runProgram({ args, env: {} });
    expect(output).toContain('all was used');
    expect(output).toContain('"outcome"');
    expect(output).toContain(' 401 ');
    const secrets = z.array(z.string().min(20)).parse(JSON.parse(await readFile(path, 'utf8')));
    expectNone(output, [...secrets, 'SeCrEt']);
  }, 120_000);
});
