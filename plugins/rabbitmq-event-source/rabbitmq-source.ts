import { setTimeout as delay } from 'node:timers/promises';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { toSourceMessage } from './arrivals.ts';
import { openQueueConsumer, type QueueConsumer } from './queue-consumer.ts';
import type { MessageSource, ReceiveOptions, SourceBatch } from './source.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_SECONDS = 20;
/** After this long without a message `receive` resolves with an empty batch. */
const IDLE_MS = 20_000;
/** How long to wait before looking again for a queue that is not declared. */
const UNDECLARED_QUEUE_MS = 1_000;

const EMPTY_BATCH: SourceBatch = { messages: [], async ack() {}, async requeue() {} };

/**
 * Receives from a RabbitMQ. It connects at the first `receive`, once per virtual host, and again at
 * the next `receive` after the connection was lost.
 *
 * @param options.url `amqp://` or `amqps://`, with credentials. A path in it counts for nothing: the
 *   mapping names the virtual host, as on AWS.
 */
export function createRabbitmqSource({ url }: { readonly url: string }): MessageSource {
  const connections = new Map<string, Promise<ChannelModel>>();
  const idleConsumers = new Map<string, QueueConsumer[]>();

  function connectionTo(virtualHost: string): Promise<ChannelModel> {
    const existing = connections.get(virtualHost);
    if (existing !== undefined) return existing;
    const connection = openConnection(url, virtualHost);
    connections.set(virtualHost, connection);
    const forget = () => connections.delete(virtualHost);
    connection.then((open) => open.once('close', forget), forget);
    return connection;
  }

  /** A batch in flight keeps its consumer, so that each concurrent receiver has one of its own. */
  async function leaseConsumer(options: ReceiveOptions): Promise<QueueConsumer | undefined> {
    const { queue, virtualHost, batchSize } = options;
    const idle = idleConsumers.get(keyOf(options)) ?? [];
    for (let consumer = idle.pop(); consumer !== undefined; consumer = idle.pop()) {
      if (!consumer.ended) return consumer;
    }
    return openQueueConsumer(await connectionTo(virtualHost), queue, batchSize);
  }

  function returnConsumer(options: ReceiveOptions, consumer: QueueConsumer): void {
    const key = keyOf(options);
    const idle = idleConsumers.get(key) ?? [];
    idleConsumers.set(key, [...idle, consumer]);
  }

  return {
    async receive(options) {
      const { batchSize, windowMs, signal } = options;
      const consumer = await leaseConsumer(options);
      if (consumer === undefined) {
        await delay(UNDECLARED_QUEUE_MS, undefined, { signal }).catch(() => undefined);
        return EMPTY_BATCH;
      }
      const messages = await consumer.take({ batchSize, windowMs, idleMs: IDLE_MS, signal });
      const giveBack = () => returnConsumer(options, consumer);
      if (messages.length > 0) return batchOf(messages, consumer, giveBack);
      giveBack();
      return EMPTY_BATCH;
    },
    async close() {
      const consumers = [...idleConsumers.values()].flat();
      await Promise.allSettled(consumers.map((consumer) => consumer.close()));
      const all = [...connections.values()];
      // One that never opened, or is closing already, has nothing left to close.
      await Promise.allSettled(all.map(async (connection) => (await connection).close()));
    },
  };
}

function batchOf(
  messages: readonly ConsumeMessage[],
  consumer: QueueConsumer,
  giveBack: () => void,
): SourceBatch {
  return {
    messages: messages.map(toSourceMessage),
    async ack() {
      consumer.ack(messages);
      giveBack();
    },
    async requeue() {
      consumer.requeue(messages);
      giveBack();
    },
  };
}

function keyOf({ queue, virtualHost, batchSize }: ReceiveOptions): string {
  return JSON.stringify([virtualHost, queue, batchSize]);
}

async function openConnection(url: string, virtualHost: string): Promise<ChannelModel> {
  const target = new URL(url);
  target.pathname = `/${encodeURIComponent(virtualHost)}`;
  if (!target.searchParams.has('heartbeat')) {
    target.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  }
  try {
    const connection = await connect(target.href, {
      noDelay: true,
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { connection_name: 'rabbitmq-event-source' },
    });
    // 'close' follows every error and is what is acted upon.
    connection.on('error', () => undefined);
    return connection;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const place = `RabbitMQ at ${target.host}, virtual host ${virtualHost}`;
    throw new Error(`cannot connect to ${place}: ${reason}`, { cause });
  }
}
