import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { janitorConfig, usersConfig } from '../../src/config.ts';
import type { SecretReader } from '../../src/ports/secret-reader.ts';
import { loadConfig } from '../../src/read-config.ts';

const VALUES: Readonly<Record<string, string>> = {
  'ssm:/soundlift/prod/FILES_URL': 'mongodb://reader:s3cret@db.example/soundlift',
  'ssm:/soundlift/prod/WRONG': 'http://reader:s3cret@db.example',
  'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:broker-a1#username':
    'soundlift',
  'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:broker-a1#password':
    'p@ss/word#1',
};
const BROKER = 'secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:broker-a1';

function testReader() {
  const calls: string[][] = [];
  const read: SecretReader = async (references) => {
    const names = references.map(({ store, id, field }) =>
      field === undefined ? `${store}:${id}` : `${store}:${id}#${field}`,
    );
    calls.push(names);
    return names.map((name) => {
      const value = VALUES[name];
      if (value === undefined) throw new Error(`there is no ${name}`);
      return value;
    });
  };
  return { read, calls };
}

const PLAIN = {
  FILES_URL: 'mongodb://127.0.0.1/soundlift',
  CONVERSIONS_URL: 'mongodb://127.0.0.1/soundlift',
  QUEUE_URL: 'amqp://127.0.0.1',
};

describe('settings that name where their value is kept', () => {
  test('get it, all by one call', async () => {
    const { read, calls } = testReader();
    const config = await loadConfig(janitorConfig, read, {
      FILES_URL: '{ssm:/soundlift/prod/FILES_URL}',
      CONVERSIONS_URL: '{ssm:/soundlift/prod/FILES_URL}',
      QUEUE_URL: `amqps://{${BROKER}#username}:{${BROKER}#password}@b-1.mq.example:5671/?shards=3`,
    });
    expect(config).toMatchObject({
      FILES_URL: 'mongodb://reader:s3cret@db.example/soundlift',
      CONVERSIONS_URL: 'mongodb://reader:s3cret@db.example/soundlift',
      QUEUE_URL: 'amqps://soundlift:p%40ss%2Fword%231@b-1.mq.example:5671/?shards=3',
    });
    expect(calls).toHaveLength(1);
  });

  test('are not looked for where there are none, JSON included', async () => {
    const { read, calls } = testReader();
    const config = await loadConfig(usersConfig, read, {
      USERS_URL: 'sqlite:users.sqlite',
      TOKEN_PRIVATE_KEY: '{"kty":"OKP","kid":"a","d":"ssm:d"}',
      TOKEN_PUBLIC_KEYS: '{"keys":[{"kid":"a","x":"{secretsmanager}"}]}',
    });
    expect(config.TOKEN_PRIVATE_KEY).toEqual({ kty: 'OKP', kid: 'a', d: 'ssm:d' });
    expect(calls).toEqual([]);
  });

  test('are refused when it cannot be read, or is wrong, without being shown', async () => {
    const { read } = testReader();
    const failureOf = (FILES_URL: string) =>
      loadConfig(janitorConfig, read, { ...PLAIN, FILES_URL }).catch((error: unknown) => error);
    expect(await failureOf('{ssm:/soundlift/prod/GONE}')).toMatchObject({
      name: 'ConfigError',
      problems: ['what settings refer to cannot be read: there is no ssm:/soundlift/prod/GONE'],
    });
    const wrong = await failureOf('{ssm:/soundlift/prod/WRONG}');
    expect(wrong).toMatchObject({
      problems: ['FILES_URL must begin with mongodb: or mongodb+srv: or disk:'],
    });
    expect(inspect(wrong, { showHidden: true })).not.toContain('s3cret');
  });
});
