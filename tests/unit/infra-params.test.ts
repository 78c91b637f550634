import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

/** What the Serverless CLI hands to the functions of infra/*.cjs. */
type Variables = { readonly resolveVariable: (name: string) => Promise<unknown> };
const calledSchema = z.custom<(variables: Variables) => Promise<unknown>>(
  (value) => typeof value === 'function',
);
const messages = z
  .object({ converterEvents: calledSchema, converterConcurrency: calledSchema, url: calledSchema })
  .parse(createRequire(import.meta.url)('../../infra/messages.cjs'));

const PARAMS: Readonly<Record<string, string | number>> = {
  queue: 'rabbitmq',
  mq: 'existing',
  brokerArn: 'arn:aws:mq:eu-central-1:123456789012:broker:shared:b-1',
  brokerSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:shared-1',
  brokerHost: 'mq.example:5671',
  brokerVirtualHost: '/',
  converterShards: 1,
  converterConcurrency: 5,
};

function given(params: Readonly<Record<string, string | number>>): Variables {
  const all = { ...PARAMS, ...params };
  const values = new Map<string, unknown>([
    ...Object.entries(all).map(([name, value]) => [`param:${name}`, value] as const),
    ['self:service', 'soundlift'],
    ['sls:stage', 'prod'],
  ]);
  return { resolveVariable: async (name) => values.get(name) ?? null };
}

const queuesOf = async (params: Readonly<Record<string, string | number>>) =>
  z
    .array(z.object({ rabbitmq: z.object({ queue: z.string() }) }))
    .parse(await messages.converterEvents(given(params)))
    .map(({ rabbitmq }) => rabbitmq.queue);

describe('the params of a stage', () => {
  test('make as many mappings as there are shards, and publishers know of them', async () => {
    expect(await queuesOf({})).toEqual(['video.uploaded']);
    const three = { converterShards: '3' }; // as of the command line
    const queues = ['video.uploaded', 'video.uploaded.2', 'video.uploaded.3'];
    expect(await queuesOf(three)).toEqual(queues);
    expect(await messages.converterConcurrency(given(three))).toBe(3);
    expect(JSON.stringify(await messages.url(given(three)))).toContain('"/?shards=3"');
    expect(JSON.stringify(await messages.url(given({})))).not.toContain('shards');
  });

  test('name user and password of a broker, and give none', async () => {
    const { brokerSecretArn } = PARAMS;
    expect(await messages.url(given({ brokerVirtualHost: 'prod/a' }))).toEqual({
      'Fn::Join': [
        '',
        [
          'amqps://',
          ...['{secretsmanager:', brokerSecretArn, '#username}', ':'],
          ...['{secretsmanager:', brokerSecretArn, '#password}', '@'],
          ...['mq.example:5671', '/prod%2Fa'],
        ],
      ],
    });
  });

  test('let SQS convert as many as are wanted', async () => {
    const sqs = { queue: 'sqs', converterConcurrency: '1' };
    expect(await messages.converterConcurrency(given(sqs))).toBe(1);
    expect(await messages.converterEvents(given(sqs))).toMatchObject([
      { sqs: { functionResponseType: 'ReportBatchItemFailures', maximumConcurrency: 2 } },
    ]);
  });

  test.each([
    [{ queue: 'kafka' }, 'param queue must be rabbitmq or sqs, not kafka'],
    [{ mq: 'none' }, 'param mq must be new or existing, not none'],
    [{ brokerArn: '' }, 'mq=existing wants the params brokerArn, brokerSecretArn and brokerHost'],
    [{ converterShards: '0' }, 'param converterShards must be a whole number from 1 to 99'],
    [{ converterConcurrency: 'many' }, 'param converterConcurrency must be a whole number from 1'],
  ])('are refused when they make no sense: %o', async (params, sentence) => {
    await expect(messages.converterEvents(given(params))).rejects.toThrow(sentence);
  });
});
