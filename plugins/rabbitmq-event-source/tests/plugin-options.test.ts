import { describe, expect, it } from 'vitest';
import { parsePluginOptions } from '../plugin-options.ts';

describe('custom.rabbitmqEventSource', () => {
  it('may be left out: a local RabbitMQ and the ports of serverless-offline', () => {
    expect(parsePluginOptions(undefined, {})).toEqual({
      from: { broker: 'amqp://guest:guest@127.0.0.1:5672' },
      endpoint: 'http://localhost:3002',
      concurrency: 1,
      stopTimeoutMs: 30_000,
    });
  });

  it('follows what serverless-offline was told', () => {
    const { endpoint } = parsePluginOptions({}, { host: '127.0.0.1', lambdaPort: 4002 });
    expect(endpoint).toBe('http://127.0.0.1:4002');
  });

  it('takes what is written, texts from the environment among it', () => {
    const custom = { broker: '', source: './s.ts', host: 'h', lambdaPort: '5', concurrency: 2 };
    expect(parsePluginOptions(custom, { host: 'x', lambdaPort: 1 })).toMatchObject({
      from: { module: './s.ts' },
      endpoint: 'http://h:5',
      concurrency: 2,
    });
  });

  it.each([
    [{ brokre: 'amqp://h' }, 'brokre is not an option'],
    [{ broker: 'amqp://h', source: './s.ts' }, 'has both a broker and a source'],
    [{ broker: 7 }, 'broker must be a text'],
    [{ broker: 'http://h' }, 'broker must be an amqp:// or amqps:// URL'],
    [{ concurrency: 0 }, 'concurrency must be a whole number above 0'],
    [{ lambdaPort: 'x' }, 'lambdaPort must be a whole number above 0'],
  ])('refuses %j', (custom, sentence) => {
    expect(() => parsePluginOptions(custom, {})).toThrow(sentence);
  });
});
