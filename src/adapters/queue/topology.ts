import { deadLetterQueueOf, QUEUES } from '../../domain/messages.ts';

/**
 * What RabbitMQ has to hold, and the only place that says so:
 *
 * ```
 * publish ──▶ soundlift.events ──(message name)──▶ video.uploaded, audio.ready, …
 *                                                     │ returned more than 20 times
 *                                                     ▼
 * deadLetter ──────────────────────────────────▶ video.uploaded.dead, …
 * retryLater ──▶ soundlift.delay.5000 ──▶ soundlift.delay.5000 ──(5 s later)──▶ the queue it came from
 *                    (exchange)               (queue)
 * ```
 *
 * The default exchange, which knows every queue by its name, makes the last step of each way.
 */
export interface Topology {
  readonly exchanges: readonly { readonly name: string; readonly type: 'direct' | 'fanout' }[];
  readonly queues: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, string | number>>;
  }[];
  readonly bindings: readonly {
    readonly exchange: string;
    readonly queue: string;
    readonly routingKey: string;
  }[];
}

export const EVENTS_EXCHANGE = 'soundlift.events';
export const DEFAULT_EXCHANGE = '';

/** A message may be returned this often; with the next return it is dead. It is seen once more than that. */
export const DELIVERY_LIMIT = 20;

/**
 * RabbitMQ 4 gives a quorum queue without a limit one of 20 and drops what exceeds it, so that looking
 * at dead letters would lose them; -1 (none) is refused before 4.0.
 * https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling
 */
const DEAD_LETTER_DELIVERY_LIMIT = 1_000_000;

/**
 * Dead letters are confirmed by the queue that they go to before they leave the one they are in. It
 * is only to be had with this overflow behaviour, which without a length limit does nothing.
 * https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering
 */
const AT_LEAST_ONCE = {
  'x-queue-type': 'quorum',
  'x-dead-letter-exchange': DEFAULT_EXCHANGE,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const;

/** The name of the exchange, and of the queue behind it, where every message waits equally long. */
export function delayOf(delayMs: number): string {
  return `soundlift.delay.${delayMs}`;
}

export function topologyOf(retryDelaysMs: readonly number[]): Topology {
  const delays = [...new Set(retryDelaysMs)];
  return {
    exchanges: [
      { name: EVENTS_EXCHANGE, type: 'direct' },
      ...delays.map((delayMs) => ({ name: delayOf(delayMs), type: 'fanout' as const })),
    ],
    queues: [
      ...QUEUES.map(deadLetterQueue),
      ...QUEUES.map(messageQueue),
      ...delays.map((delayMs) => delayQueue(delayMs)),
    ],
    bindings: [
      ...QUEUES.map((queue) => ({ exchange: EVENTS_EXCHANGE, queue, routingKey: queue })),
      ...delays.map((delayMs) => ({
        exchange: delayOf(delayMs),
        queue: delayOf(delayMs),
        routingKey: '',
      })),
    ],
  };
}

function messageQueue(name: string) {
  return {
    name,
    arguments: {
      ...AT_LEAST_ONCE,
      'x-delivery-limit': DELIVERY_LIMIT,
      'x-dead-letter-routing-key': deadLetterQueueOf(name),
    },
  };
}

function deadLetterQueue(name: string) {
  return {
    name: deadLetterQueueOf(name),
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': DEAD_LETTER_DELIVERY_LIMIT },
  };
}

/** It sets no routing key of its own: what runs out goes on under the one it was published with. */
function delayQueue(delayMs: number) {
  return { name: delayOf(delayMs), arguments: { ...AT_LEAST_ONCE, 'x-message-ttl': delayMs } };
}
