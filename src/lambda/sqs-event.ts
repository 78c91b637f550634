import { z } from 'zod';
import { Refused } from '../domain/errors.ts';
import { QUEUES } from '../domain/messages.ts';
import type { Delivery } from '../ports/queue.ts';

const attributeSchema = z.object({ stringValue: z.string().nullish() });

/** The part of it that is read here: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const eventSchema = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal('aws:sqs'),
        eventSourceARN: z.string(),
        messageId: z.string(),
        body: z.string(),
        attributes: z.object({ ApproximateReceiveCount: z.coerce.number() }),
        messageAttributes: z.record(z.string(), attributeSchema).default({}),
      }),
    )
    .min(1),
});

/** Foreign senders may leave the count out or write nonsense; then the message is a new one. */
const attemptsSchema = z.coerce.number().int().nonnegative().catch(0);

export interface SqsDelivery {
  readonly delivery: Delivery;
  /** SQS' own name of the message, by which a partial batch response gives it back. */
  readonly itemIdentifier: string;
}

export function isSqsEvent(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'Records' in event;
}

/**
 * The messages of an `aws:sqs` event, in the order in which they are to be handled.
 *
 * @throws {Refused} `invalid-message` when it is not such an event, or one of a queue that no message
 *   is named after: then serverless.yml is wrong, and the messages stay where they are
 */
export function sqsDeliveriesOf(event: unknown): SqsDelivery[] {
  try {
    return eventSchema.parse(event).Records.map((record) => {
      const attribute = (name: string) => record.messageAttributes[name]?.stringValue ?? undefined;
      const isBase64 = attribute('contentEncoding') === 'base64';
      const delivery: Delivery = {
        queue: queueOf(record.eventSourceARN),
        body: Buffer.from(record.body, isBase64 ? 'base64' : 'utf8'),
        messageId: attribute('messageId'),
        failedAttempts: attemptsSchema.parse(attribute('x-attempts') ?? 0),
        redelivered: record.attributes.ApproximateReceiveCount > 1,
      };
      return { delivery, itemIdentifier: record.messageId };
    });
  } catch (cause) {
    throw new Refused('invalid-message', 'the event is not one of a queue of Soundlift', { cause });
  }
}

/** `arn:aws:sqs:eu-central-1:123456789012:soundlift-prod-video-uploaded` → `video.uploaded`. */
function queueOf(arn: string): Delivery['queue'] {
  const queue = QUEUES.find((name) => arn.endsWith(`-${name.replaceAll('.', '-')}`));
  if (queue === undefined) throw new Error(`no message is named after ${arn}`);
  return queue;
}
