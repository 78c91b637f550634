import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { Arrivals, type TakeOptions } from './arrivals.ts';

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

/** Subscribes to a queue; resolves with undefined when it is not declared. */
export async function openQueueConsumer(
  connection: ChannelModel,
  queue: string,
  prefetch: number,
): Promise<QueueConsumer | undefined> {
  const channel = await connection.createChannel();
  const arrivals = new Arrivals();
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
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return {
    get ended() {
      return arrivals.ended;
    },
    take: (options) => arrivals.take(options),
    ack(messages) {
      for (const message of messages) channel.ack(message);
    },
    requeue(messages) {
      for (const message of messages) channel.nack(message, false, true);
    },
    async close() {
      if (!arrivals.ended) await channel.close();
    },
  };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 404;
}
