import * as z from 'zod';
import type { Message } from '../../domain/messages.ts';
import { encodeMessage } from '../../domain/messages.ts';
import type { DeadLetter, Delivery } from '../../ports/queue.ts';

/** A message as it travels, under the names of AMQP 0-9-1's basic properties. */
export interface Envelope {
  readonly body: Uint8Array;
  readonly properties: {
    readonly contentType: 'application/json';
    /** Persistent. */
    readonly deliveryMode: 2;
    readonly appId: 'soundlift';
    readonly type: string;
    readonly messageId?: string;
    /** Seconds since 1970. */
    readonly timestamp: number;
    readonly headers: Readonly<Record<string, string | number>>;
  };
}

/** RabbitMQ wants all headers in one frame of at most 128 KiB. */
const REASON_MAX_LENGTH = 1_000;

export function newEnvelope(message: Message): Envelope {
  return envelope(encodeMessage(message), message.name, message.id, { 'x-attempts': 0 });
}

export function retryEnvelope(delivery: Delivery): Envelope {
  return envelope(delivery.body, delivery.queue, delivery.messageId, {
    'x-attempts': delivery.failedAttempts + 1,
  });
}

export function deadLetterEnvelope(delivery: Delivery, reason: string): Envelope {
  return envelope(delivery.body, delivery.queue, delivery.messageId, {
    'x-attempts': delivery.failedAttempts,
    'x-reason': reason.slice(0, REASON_MAX_LENGTH),
    'x-failed-at': new Date().toISOString(),
  });
}

/** A dead letter as a new message. */
export function redrivenEnvelope({ queue, body, messageId }: DeadLetter): Envelope {
  return envelope(body, queue, messageId, { 'x-attempts': 0 });
}

/** Foreign headers may be anything; what cannot be read is left out. */
const deadHeadersSchema = z.object({
  'x-attempts': z.coerce.number().int().nonnegative().catch(0),
  'x-reason': z.string().optional().catch(undefined),
  'x-failed-at': z.coerce.date().optional().catch(undefined),
  // RabbitMQ's own: https://www.rabbitmq.com/docs/dlx#effects
  'x-first-death-reason': z.string().optional().catch(undefined),
});

/** What the headers of a dead letter say of its death. */
export function deathOf(
  headers: unknown,
): Pick<DeadLetter, 'failedAttempts' | 'reason' | 'diedAt'> {
  const read = deadHeadersSchema.parse(headers ?? {});
  const reason = read['x-reason'] ?? read['x-first-death-reason'];
  const diedAt = read['x-failed-at'];
  return {
    failedAttempts: read['x-attempts'],
    ...(reason !== undefined && { reason }),
    ...(diedAt && { diedAt }),
  };
}

/** @throws {RangeError} when the delivery has failed as often as there are delays */
export function retryDelayMs(delivery: Delivery, retryDelaysMs: readonly number[]): number {
  const delayMs = retryDelaysMs[delivery.failedAttempts];
  if (delayMs !== undefined) return delayMs;
  throw new RangeError(
    `after ${delivery.failedAttempts} failed attempts a message is not tried again`,
  );
}

function envelope(
  body: Uint8Array,
  type: string,
  messageId: string | undefined,
  headers: Envelope['properties']['headers'],
): Envelope {
  return {
    body,
    properties: {
      contentType: 'application/json',
      deliveryMode: 2,
      appId: 'soundlift',
      type,
      ...(messageId !== undefined && { messageId }),
      timestamp: Math.floor(Date.now() / 1000),
      headers,
    },
  };
}
