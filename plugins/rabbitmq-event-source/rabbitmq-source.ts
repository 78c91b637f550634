import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { toSourceMessage } from './arrivals.ts';
import { openQueueConsumer, type QueueConsumer } from './queue-consumer.ts';
import type { MessageSource, ReceiveOptions, SourceBatch } from './source.ts';
import { StateReason } from './state-reason.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const HEARTBEAT_SECONDS = 20;
/** After this long without a message `receive` resolves with an empty batch. */
const IDLE_MS = 20_000;

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
  async function leaseConsumer(options: ReceiveOptions): Promise<QueueConsumer> {
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
      const consumer = await leaseConsumer(options);
      const messages = await consumer.take({ ...options, idleMs: IDLE_MS });
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
    throw connectionError(cause, { user: target.username, host: target.host, virtualHost });
  }
}

interface Place {
  readonly user: string;
  readonly host: string;
  readonly virtualHost: string;
}

/** The broker says why it ends a handshake: AMQP 0-9-1, 1.2, connection.close. */
function connectionError(cause: unknown, { user, host, virtualHost }: Place): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/ACCESS_REFUSED/.test(reason)) {
    const sentence = `RabbitMQ at ${host} does not take the password of ${user}; correct the credentials`;
    return new StateReason('EVENT_SOURCE_AUTHN_ERROR', sentence, { cause });
  }
  // amqplib keeps to itself why the broker closes a connection instead of opening a virtual host.
  if (/NOT_ALLOWED|got <ConnectionClose/.test(reason)) {
    const sentence = `RabbitMQ at ${host} has no virtual host ${virtualHost}, or does not let ${user} in; make it, permit it, or correct the mapping`;
    return new StateReason('ESM_CONFIG_NOT_VALID', sentence, { cause });
  }
  const place = `RabbitMQ at ${host}, virtual host ${virtualHost}`;
  return new Error(`cannot connect to ${place}: ${reason}`, { cause });
}
