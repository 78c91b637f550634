import type { MessageName } from '../../domain/messages.ts';
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
 *
 * An event source of Amazon MQ invokes one function at a time for a queue. With shards, what is
 * converted at the same time is shared between several queues, the first of which has the usual name:
 *
 * ```
 * soundlift.events ──(video.uploaded)──▶ soundlift.video.uploaded ──(hash of message-id)──▶ video.uploaded,
 *                                             (consistent hash)                video.uploaded.2, …
 * ```
 */
export interface Topology {
  readonly exchanges: readonly {
    readonly name: string;
    readonly type: 'direct' | 'fanout' | 'x-consistent-hash';
    readonly arguments?: Readonly<Record<string, string>>;
  }[];
  readonly queues: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, string | number>>;
  }[];
  readonly bindings: readonly Binding[];
  readonly exchangeBindings: readonly ExchangeBinding[];
  /** What another number of shards may have bound; it is taken away after the rest is there. */
  readonly outdatedBindings: readonly Binding[];
  readonly outdatedExchangeBindings: readonly ExchangeBinding[];
}

interface Binding {
  readonly exchange: string;
  readonly queue: string;
  readonly routingKey: string;
}

interface ExchangeBinding {
  readonly source: string;
  readonly destination: string;
  readonly routingKey: string;
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

/** The message whose queue may be sharded: only conversions take long. */
const SHARDED: MessageName = 'video.uploaded';
const SHARDS_EXCHANGE = {
  name: `soundlift.${SHARDED}`,
  type: 'x-consistent-hash' as const,
  arguments: { 'hash-property': 'message_id' },
};

/** Each queue that a message may be in: of three shards `video.uploaded`, `video.uploaded.2` and `.3`. */
export function shardsOf(queue: MessageName, shards: number): string[] {
  if (queue !== SHARDED) return [queue];
  return Array.from({ length: shards }, (_, index) =>
    index === 0 ? queue : `${queue}.${index + 1}`,
  );
}

export function topologyOf(retryDelaysMs: readonly number[], shards = 1): Topology {
  const delays = [...new Set(retryDelaysMs)];
  const isSharded = shards > 1;
  const direct = (queue: MessageName) => ({
    exchange: EVENTS_EXCHANGE,
    queue,
    routingKey: queue,
  });
  const toShards = {
    source: EVENTS_EXCHANGE,
    destination: SHARDS_EXCHANGE.name,
    routingKey: SHARDED,
  };
  return {
    exchanges: [
      { name: EVENTS_EXCHANGE, type: 'direct' },
      // Its plugin is a part of RabbitMQ, and on in Amazon MQ; elsewhere only who shards has to have it on.
      ...(isSharded ? [SHARDS_EXCHANGE] : []),
      ...delays.map((delayMs) => ({ name: delayOf(delayMs), type: 'fanout' as const })),
    ],
    queues: [
      ...QUEUES.map(deadLetterQueue),
      ...QUEUES.flatMap((queue) =>
        shardsOf(queue, shards).map((name) => messageQueue(name, queue)),
      ),
      ...delays.map((delayMs) => delayQueue(delayMs)),
    ],
    bindings: [
      ...QUEUES.filter((queue) => !isSharded || queue !== SHARDED).map(direct),
      // The key of such a binding is its weight.
      ...(isSharded ? shardsOf(SHARDED, shards) : []).map((queue) => ({
        exchange: SHARDS_EXCHANGE.name,
        queue,
        routingKey: '1',
      })),
      ...delays.map((delayMs) => ({
        exchange: delayOf(delayMs),
        queue: delayOf(delayMs),
        routingKey: '',
      })),
    ],
    exchangeBindings: isSharded ? [toShards] : [],
    outdatedBindings: isSharded ? [direct(SHARDED)] : [],
    outdatedExchangeBindings: isSharded ? [] : [toShards],
  };
}

function messageQueue(name: string, message: MessageName) {
  return {
    name,
    arguments: {
      ...AT_LEAST_ONCE,
      'x-delivery-limit': DELIVERY_LIMIT,
      'x-dead-letter-routing-key': deadLetterQueueOf(message),
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
