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
  /** Waiting to be tried again; absent where the broker does not tell it by queue, as RabbitMQ. */
  readonly delayed?: number | undefined;
  /** Given up, waiting for a person. */
  readonly dead: number;
}

/** A message that was given up. */
export interface DeadLetter {
  readonly queue: MessageName;
  readonly body: Uint8Array;
  readonly messageId?: string | undefined;
  /** How often it was tried again. */
  readonly failedAttempts: number;
  /** What `deadLetter` was told, or the broker's own word for what it has given up itself. */
  readonly reason?: string | undefined;
  /** Absent where the broker has given it up itself and does not say when. */
  readonly diedAt?: Date | undefined;
}

/** What becomes of a dead letter: it stays, is put back into its queue as if it were new, or is no more. */
export type Fate = 'keep' | 'redrive' | 'discard';

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
 * - whoever looks at dead letters changes nothing, and one that is redriven is in its queue before it
 *   is dead no more: who dies in between leaves it in both;
 * - every method rejects with `Unavailable('queue')` when the broker does not confirm in time.
 */
export interface Queue {
  /** Declares queues and exchanges; without effect where they are. Every other method does so too. */
  declare(): Promise<void>;
  publish(message: Message): Promise<void>;
  /** `RETRY_DELAYS_MS` says for how long; past its end there is no later: the call throws a RangeError. */
  retryLater(delivery: Delivery): Promise<void>;
  deadLetter(delivery: Delivery, reason: string): Promise<void>;
  /** The longest dead first, where the broker keeps them so; those that another one looks at are missing. */
  deadLetters(queue: MessageName, limit: number): Promise<DeadLetter[]>;
  /**
   * Asks of each of those that are dead at the beginning what is to become of it, and does that, one after
   * the other; one that is put back has no failed attempt. `decide` may prepare what the message needs; what
   * it throws ends the call, and leaves that one and the rest dead.
   *
   * @returns how many are dead no more
   */
  settleDeadLetters(
    queue: MessageName,
    decide: (letter: DeadLetter) => Promise<Fate>,
  ): Promise<number>;
  depths(): Promise<QueueDepth[]>;
  /** How many messages of all queues wait to be tried again. */
  delayed(): Promise<number>;
  /** Resolves when the broker has answered. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}
