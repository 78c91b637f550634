import type { Message, MessageName } from '../domain/messages.ts';

/** One delivery of a message, as its handler sees it. */
export interface Delivery {
  readonly queue: MessageName;
  readonly body: Uint8Array;
  /** The `message-id` property: an idempotency key for logs; absent on foreign messages. */
  readonly messageId?: string | undefined;
  /** How often handling it has failed before; 0 at first. */
  readonly failedAttempts: number;
  readonly redelivered: boolean;
}

export interface QueueDepth {
  readonly queue: MessageName;
  /** Waiting to be delivered. */
  readonly ready: number;
  /** Delivered and not yet acknowledged; absent where the broker does not tell, as in AMQP. */
  readonly inFlight?: number | undefined;
  /** Given up, waiting for a person. */
  readonly dead: number;
}

/**
 * Hands messages over. Receiving is the event source's work (AWS's own, or
 * `plugins/rabbitmq-event-source`): it acknowledges when the function returns and redelivers when it
 * throws, so that a handler which returns must have handed on whatever it could not do.
 *
 * Promises, which `tests/contract/queue.contract.ts` checks:
 * - a resolved call means that the message is on disk at the broker, whatever dies next;
 * - delivery is at least once, and without order across retries;
 * - a message given to `retryLater` comes back with `failedAttempts` one higher, not before its time;
 * - a message given to `deadLetter` keeps body and id, and says why in its `x-reason` header;
 * - every method rejects with `Unavailable('queue')` when the broker does not confirm in time.
 */
export interface Queue {
  /** Declares queues and exchanges; without effect where they are. Every other method does so too. */
  declare(): Promise<void>;
  publish(message: Message): Promise<void>;
  /** `RETRY_DELAYS_MS` says for how long; past its end there is no later: the call throws a RangeError. */
  retryLater(delivery: Delivery): Promise<void>;
  deadLetter(delivery: Delivery, reason: string): Promise<void>;
  depths(): Promise<QueueDepth[]>;
  /** Resolves when the broker has answered. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}
