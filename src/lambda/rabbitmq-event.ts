import * as z from 'zod';
import { Refused } from '../domain/errors.ts';
import { QUEUES } from '../domain/messages.ts';
import type { Delivery } from '../ports/queue.ts';

/** The part of it that is read here: https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html */
const eventSchema = z.object({
  eventSource: z.literal('aws:rmq'),
  rmqMessagesByQueue: z.record(
    z.string(),
    z.array(
      z.object({
        basicProperties: z.object({
          messageId: z.string().nullish(),
          headers: z.record(z.string(), z.unknown()).nullish(),
        }),
        redelivered: z.boolean(),
        data: z.base64(),
      }),
    ),
  ),
});

const queueSchema = z.enum(QUEUES);
/** Foreign publishers may leave the count out or write nonsense; then the message is a new one. */
const attemptsSchema = z.int().nonnegative().catch(0);

/**
 * The messages of an `aws:rmq` event, in the order in which they are to be handled.
 *
 * @throws {Refused} `invalid-message` when it is not such an event, or one of a queue that no message
 *   is named after: then serverless.yml is wrong, and the messages stay where they are
 */
export function deliveriesOf(event: unknown): Delivery[] {
  try {
    const { rmqMessagesByQueue } = eventSchema.parse(event);
    return Object.entries(rmqMessagesByQueue).flatMap(([key, records]) => {
      // `<queue>::<virtual host>`; a shard is the queue's name with a number behind it.
      const queue = queueSchema.parse(key.split('::')[0]?.replace(/\.[0-9]+$/, ''));
      return records.map(({ basicProperties, redelivered, data }) => ({
        queue,
        body: Buffer.from(data, 'base64'),
        messageId: basicProperties.messageId ?? undefined,
        failedAttempts: attemptsSchema.parse(basicProperties.headers?.['x-attempts']),
        redelivered,
      }));
    });
  } catch (cause) {
    throw new Refused('invalid-message', 'the event is not one of a queue of Soundlift', { cause });
  }
}
