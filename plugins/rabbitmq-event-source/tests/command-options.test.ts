import { describe, expect, it } from 'vitest';
import { parseCommandOptions } from '../command-options.ts';

describe('the command line', () => {
  it('may be left out: an emulator and a RabbitMQ on this machine', () => {
    expect(parseCommandOptions([], {})).toEqual({
      endpoint: 'http://127.0.0.1:4566',
      broker: 'amqp://127.0.0.1:5672',
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: undefined },
      concurrency: 1,
      intervalMs: 2_000,
      stopTimeoutMs: 30_000,
    });
  });

  it('follows the environment of AWS’s own tools', () => {
    const environment = {
      AWS_ENDPOINT_URL: 'http://emulator:4566',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    expect(parseCommandOptions([], environment)).toMatchObject({
      endpoint: 'http://emulator:4566',
      region: 'eu-central-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    });
  });

  it('is stronger than the environment', () => {
    const args = ['--endpoint', 'http://h:1', '--region', 'eu-west-1', '--interval', '0.5'];
    expect(
      parseCommandOptions(args, { AWS_ENDPOINT_URL: 'http://x', AWS_REGION: 'us-east-2' }),
    ).toMatchObject({ endpoint: 'http://h:1', region: 'eu-west-1', intervalMs: 500 });
  });

  it('may ask for help', () => {
    expect(parseCommandOptions(['--help'], {})).toBeUndefined();
  });

  it.each([
    [['--endpoint', '127.0.0.1:4566'], '--endpoint must be an http:// or https:// URL'],
    [['--broker', 'http://h'], '--broker must be an amqp:// or amqps:// URL, not "http://h"'],
    [['--concurrency', '0'], '--concurrency must be a whole number above 0, not 0'],
    [['--interval', 'x'], '--interval must be a number of seconds above 0, not x'],
    [['--brokre', 'amqp://h'], '--help shows the options'],
  ])('refuses %j', (args, sentence) => {
    expect(() => parseCommandOptions(args, {})).toThrow(sentence);
  });
});
