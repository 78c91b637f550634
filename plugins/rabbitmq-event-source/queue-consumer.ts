import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { Arrivals, type TakeOptions } from './arrivals.ts';
import { StateReason } from './state-reason.ts';

/** A subscription to one queue on a channel of its own. */
export interface QueueConsumer {
  /** True when the channel or the queue is gone. */
  readonly ended: boolean;
  /**
   * The next batch; empty when none came, the signal fired or the queue was deleted. Rejects when
   * the connection was lost.
   */
  take(options: TakeOptions): Promise<ConsumeMessage[]>;
  ack(messages: readonly ConsumeMessage[]): void;
  requeue(messages: readonly ConsumeMessage[]): void;
  /** Resolves when the broker has got what was settled: a connection that is closed may forget it. */
  close(): Promise<void>;
}

/**
 * Subscribes to a queue.
 *
 * @throws {StateReason} when it is not declared, or must not be read
 */
export async function openQueueConsumer(
  connection: ChannelModel,
  queue: string,
  prefetch: number,
): Promise<QueueConsumer> {
  const channel = await connection.createChannel();
  const arrivals = new Arrivals((message) => channel.ack(message));
  // The call that caused it rejects as well, and 'close' follows.
  channel.on('error', () => undefined);
  channel.on('close', () => arrivals.end(new Error('the connection to RabbitMQ was lost')));
  try {
    await channel.prefetch(prefetch);
    await channel.consume(queue, (message) => {
      if (message !== null) return arrivals.add(message);
      // The broker has cancelled the subscription: the queue was deleted.
      arrivals.end();
      channel.close().catch(() => undefined);
    });
  } catch (error) {
    throw reasonOf(error, queue);
  }
  return {
    get ended() {
      return arrivals.ended;
    },
    take: (options) => arrivals.take(options),
    // Whatever came before the last one has been settled, or is of this batch.
    ack(messages) {
      const last = messages.at(-1);
      if (last !== undefined) channel.ack(last, true);
    },
    requeue(messages) {
      const last = messages.at(-1);
      if (last !== undefined) channel.nack(last, true, true);
    },
    async close() {
      if (!arrivals.ended) await channel.close();
    },
  };
}

function reasonOf(error: unknown, queue: string): unknown {
  const cause = error instanceof Error ? error : undefined;
  switch (cause && 'code' in cause ? cause.code : undefined) {
    case 404:
      return new StateReason(
        'ESM_CONFIG_NOT_VALID',
        `there is no queue ${queue}; declare it, or correct the mapping`,
        { cause },
      );
    case 403:
      return new StateReason(
        'EVENT_SOURCE_AUTHZ_ERROR',
        `the broker's user must not read the queue ${queue}; permit it`,
        { cause },
      );
    default:
      return error;
  }
}
