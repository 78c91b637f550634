import * as z from 'zod';
import { Refused } from './errors.ts';

/**
 * A message names what has happened to a conversion; everything else is in its record. It may come
 * twice, late or out of order, so whoever receives it looks at the record first.
 */
const messageSchema = z.object({
  name: z.enum(['video.uploaded', 'audio.ready', 'conversion.failed']),
  version: z.literal(1),
  /** Unique to this publication; the AMQP `message-id`. */
  id: z.uuid(),
  conversionId: z.uuid(),
  occurredAt: z.iso.datetime(),
});

export type Message = z.infer<typeof messageSchema>;
export type MessageName = Message['name'];

/** Every message has one queue of the same name. `serverless.yml` says which function listens. */
export const QUEUES: readonly MessageName[] = messageSchema.shape.name.options;

/** Where a message waits before it is tried again, by the number of attempts that failed. */
export const RETRY_DELAYS_MS: readonly number[] = [5_000, 30_000, 120_000, 600_000];

/** The queue that holds what could not be handled, for a person to look at. */
export function deadLetterQueueOf(queue: string): string {
  return `${queue}.dead`;
}

export function encodeMessage(message: Message): Uint8Array {
  return Buffer.from(JSON.stringify(message), 'utf8');
}

/** @throws {Refused} `invalid-message` when the body is not JSON or not a message of a known version */
export function decodeMessage(body: Uint8Array): Message {
  try {
    return messageSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch (cause) {
    throw new Refused('invalid-message', 'the message is not one that Soundlift knows', { cause });
  }
}
