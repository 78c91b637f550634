import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Refused, Unavailable } from '../../src/domain/errors.ts';
import type { Message } from '../../src/domain/messages.ts';
import { type Consumer, createConsumer } from '../../src/lambda/consumer.ts';
import { sqsDeliveriesOf } from '../../src/lambda/sqs-event.ts';
import { createLogger } from '../../src/logger.ts';
import { fakeQueue } from '../support/fake-queue.ts';
import { lambdaContext } from '../support/http-event.ts';

const FIRST = '059f36b4-0000-4000-8000-000000000004';
const SECOND = '059f36b4-0000-4000-8000-000000000005';

function fixture(name: string): string {
  return readFileSync(new URL(`../events/aws-sqs/${name}.json`, import.meta.url), 'utf8');
}

describe('sqsDeliveriesOf', () => {
  test('reads messages, how often they have failed, and whether they were received before', () => {
    expect(sqsDeliveriesOf(JSON.parse(fixture('two-messages')))).toMatchObject([
      {
        itemIdentifier: FIRST,
        delivery: {
          queue: 'audio.ready',
          messageId: '0192f0c0-0000-7000-8000-000000000004',
          failedAttempts: 0,
          redelivered: false,
        },
      },
      { itemIdentifier: SECOND, delivery: { failedAttempts: 2, redelivered: true } },
    ]);
  });

  test('reads the documented sample, given a queue of ours', () => {
    const sample = fixture('documented-sample').replace('my-queue', 'sound-conversion-failed');
    expect(sqsDeliveriesOf(JSON.parse(sample))).toEqual([
      {
        itemIdentifier: '059f36b4-87a3-44ab-83d2-661975830a7d',
        delivery: {
          queue: 'conversion.failed',
          body: Buffer.from('Test message.'),
          messageId: undefined,
          failedAttempts: 0,
          redelivered: false,
        },
      },
    ]);
  });

  test('refuses an event of a queue that no message is named after', () => {
    const event = JSON.parse(fixture('documented-sample'));
    expect(() => sqsDeliveriesOf(event)).toThrow(Refused);
    expect(() => sqsDeliveriesOf({ Records: [] })).toThrow(Refused);
  });
});

describe('a consumer of SQS', () => {
  const event = JSON.parse(fixture('two-messages'));

  function testConsumer(handle: (message: Message) => Promise<string>) {
    const queue = fakeQueue();
    const consumer: Consumer = { handle };
    const logger = createLogger({ name: 'test', level: 'silent' });
    return { queue, handler: createConsumer({ queue, logger }, consumer) };
  }

  test('takes what was handled, and what it could hand on, out of the queue', async () => {
    const { queue, handler } = testConsumer(async ({ id }) => {
      if (id.endsWith('5')) throw new Unavailable('mail');
      return 'told';
    });
    expect(await handler(event, lambdaContext)).toEqual({ batchItemFailures: [] });
    expect(queue.retried).toMatchObject([{ delivery: { failedAttempts: 2 }, delayMs: 120_000 }]);
  });

  test('leaves there what it could not even hand on, and handles the rest', async () => {
    const handled: string[] = [];
    const { queue, handler } = testConsumer(async ({ id }) => {
      if (id.endsWith('4')) throw new Unavailable('mail');
      handled.push(id);
      return 'told';
    });
    queue.breakDown();
    expect(await handler(event, lambdaContext)).toEqual({
      batchItemFailures: [{ itemIdentifier: FIRST }],
    });
    expect(handled).toEqual(['0192f0c0-0000-7000-8000-000000000005']);
  });

  test('gives a wrong event back as a whole', async () => {
    const { handler } = testConsumer(async () => 'told');
    const foreign = JSON.parse(fixture('documented-sample'));
    await expect(handler(foreign, lambdaContext)).rejects.toThrow(Refused);
  });
});
