import { describe, expect, it } from 'vitest';
import { parseEventDefinition } from '../event-definition.ts';

const ARN =
  'arn:aws:mq:eu-central-1:111122223333:broker:media:b-9bcfa592-423a-4942-879d-eb284b418fc8';
const PLACE = 'functions.converter, rabbitmq event';

const parse = (fields: object) =>
  parseEventDefinition(PLACE, { arn: ARN, queue: 'video.uploaded', ...fields });

describe('a rabbitmq event of serverless.yml', () => {
  it('has the defaults of AWS', () => {
    expect(parse({ basicAuthArn: 'arn:aws:secretsmanager:…' })).toEqual({
      arn: ARN,
      queue: 'video.uploaded',
      virtualHost: '/',
      batchSize: 100,
      windowMs: 500,
      enabled: true,
      filterPatterns: [],
    });
  });

  it('takes what is written', () => {
    const written = {
      virtualHost: 'media',
      batchSize: 1,
      maximumBatchingWindow: 2,
      enabled: false,
      filterPatterns: [{ data: { size: [{ numeric: ['>', 0] }] } }],
    };
    expect(parse(written)).toMatchObject({
      filterPatterns: ['{"data":{"size":[{"numeric":[">",0]}]}}'],
      virtualHost: 'media',
      batchSize: 1,
      windowMs: 2000,
      enabled: false,
    });
  });

  it('takes a window of 0 for the default, as the deployment does', () => {
    expect(parse({ maximumBatchingWindow: 0 })).toMatchObject({ windowMs: 500 });
  });

  it('gives an ARN that only CloudFormation knows a stand-in of the same form', () => {
    const { arn } = parse({ arn: { 'Fn::ImportValue': 'BrokerArn' } });
    expect(arn).toMatch(/^arn:aws:mq:[a-z0-9-]+:\d+:broker:local:b-[a-z0-9-]+$/);
  });

  it.each([
    [{ arn: undefined }, 'arn is missing'],
    [{ queue: undefined }, 'queue is missing'],
    [{ queue: 7 }, 'queue must be a name, not 7'],
    [{ virtualHost: '' }, 'virtualHost must be a name, not ""'],
    [{ batchSize: 0 }, 'batchSize must be 1 to 10000 messages, not 0'],
    [{ batchSize: 10_001 }, 'batchSize must be 1 to 10000 messages, not 10001'],
    [{ batchSize: 1.5 }, 'batchSize must be 1 to 10000 messages, not 1.5'],
    [
      { maximumBatchingWindow: 301 },
      'maximumBatchingWindow must be whole seconds from 0 to 300, not 301',
    ],
    [{ enabled: 'yes' }, 'enabled must be true or false, not "yes"'],
    [{ filterPatterns: 'x' }, 'filterPatterns must be a list, not "x"'],
    [{ filterPatterns: [{ body: ['a'] }] }, 'filterPatterns: body cannot be filtered by'],
  ])('refuses %j', (fields, sentence) => {
    expect(() => parse(fields)).toThrow(`${PLACE}: ${sentence}`);
  });

  it('refuses an event without fields', () => {
    expect(() => parseEventDefinition(PLACE, null)).toThrow(`${PLACE}: arn is missing`);
  });
});
