import type { ConfirmChannel, Options } from 'amqplib';
import { Unavailable } from '../../domain/errors.ts';
import { deadLetterQueueOf, QUEUES, RETRY_DELAYS_MS } from '../../domain/messages.ts';
import type { DeadLetter, Queue, QueueDepth } from '../../ports/queue.ts';
import type { Envelope } from './envelope.ts';
import {
  deadLetterEnvelope,
  newEnvelope,
  redrivenEnvelope,
  retryDelayMs,
  retryEnvelope,
} from './envelope.ts';
import { readDeadLetters, settleDeadLetters, unavailable } from './rabbitmq-dead-letters.ts';
import type { RabbitmqSession } from './rabbitmq-session.ts';
import { openSession, SessionLost, type SessionOptions } from './rabbitmq-session.ts';
import type { Topology } from './topology.ts';
import { DEFAULT_EXCHANGE, delayOf, EVENTS_EXCHANGE, shardsOf, topologyOf } from './topology.ts';

const HEARTBEAT_SECONDS = 10;

export interface RabbitmqQueueOptions {
  /**
   * `amqp://user:password@host:port/vhost`, or `amqps:`. `?shards=3` shares conversions between three
   * queues; every function that has the queue has to be given the same.
   */
  readonly url: string;
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** For connecting, and again for each answer. */
  readonly timeoutMs?: number | undefined;
}

/** @throws {TypeError} when the URL is none of RabbitMQ's; it is not in the message, for its password */
export function createRabbitmqQueue({
  url,
  retryDelaysMs = RETRY_DELAYS_MS,
  timeoutMs = 5_000,
}: RabbitmqQueueOptions): Queue {
  const address = addressOf(url);
  const shards = shardsIn(url);
  const topology = topologyOf(retryDelaysMs, shards);
  let current: Promise<RabbitmqSession> | undefined;

  function session(): Promise<RabbitmqSession> {
    if (current !== undefined) return current;
    const forget = () => {
      if (current === opening) current = undefined;
    };
    const opening = openDeclared({ address, timeoutMs, onEnd: forget }, topology);
    opening.catch(forget);
    current = opening;
    return opening;
  }

  async function ask<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const attempt = async () => (await session()).run(work);
    try {
      return await attempt().catch((error: unknown) => {
        // A connection that nobody used may have died unnoticed, as in a frozen Lambda. What was
        // under way is done once more; a message that is there twice breaks no promise.
        if (error instanceof SessionLost) return attempt();
        throw error;
      });
    } catch (cause) {
      throw new Unavailable('queue', { cause });
    }
  }

  function send(exchange: string, routingKey: string, envelope: Envelope): Promise<void> {
    return ask((channel) => confirmed(channel, exchange, routingKey, envelope));
  }

  return {
    declare: () => ask((channel) => declareTopology(channel, topology)),
    publish: (message) => send(EVENTS_EXCHANGE, message.name, newEnvelope(message)),
    async retryLater(delivery) {
      const delayMs = retryDelayMs(delivery, retryDelaysMs);
      // What comes out of a delay goes to the queue that it was published for, and by no exchange.
      const queue = anyOf(shardsOf(delivery.queue, shards));
      await send(delayOf(delayMs), queue, retryEnvelope(delivery));
    },
    deadLetter: (delivery, reason) =>
      send(
        DEFAULT_EXCHANGE,
        deadLetterQueueOf(delivery.queue),
        deadLetterEnvelope(delivery, reason),
      ),
    deadLetters: (queue, limit) => ask((channel) => readDeadLetters(channel, queue, limit)),
    async settleDeadLetters(queue, decide) {
      const opened = await session().catch(unavailable);
      const publish = (letter: DeadLetter) =>
        send(EVENTS_EXCHANGE, letter.queue, redrivenEnvelope(letter));
      return settleDeadLetters(opened, queue, decide, publish);
    },
    depths: () => ask((channel) => readDepths(channel, shards)),
    delayed: () => ask((channel) => countDelayed(channel, retryDelaysMs)),
    async ping() {
      await ask((channel) => channel.checkExchange(EVENTS_EXCHANGE));
    },
    async dispose() {
      const closing = current;
      current = undefined;
      await closing?.then(
        (opened) => opened.close(),
        () => undefined, // it never opened
      );
    },
  };
}

async function openDeclared(options: SessionOptions, topology: Topology): Promise<RabbitmqSession> {
  const session = await openSession(options);
  try {
    await session.run((channel) => declareTopology(channel, topology));
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

async function declareTopology(channel: ConfirmChannel, topology: Topology): Promise<void> {
  for (const exchange of topology.exchanges) {
    const options = { durable: true, arguments: exchange.arguments ?? {} };
    await channel.assertExchange(exchange.name, exchange.type, options);
  }
  for (const queue of topology.queues) {
    await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
  }
  for (const { queue, exchange, routingKey } of topology.bindings) {
    await channel.bindQueue(queue, exchange, routingKey);
  }
  for (const { source, destination, routingKey } of topology.exchangeBindings) {
    await channel.bindExchange(destination, source, routingKey);
  }
  for (const { queue, exchange, routingKey } of topology.outdatedBindings) {
    await channel.unbindQueue(queue, exchange, routingKey);
  }
  for (const { source, destination, routingKey } of topology.outdatedExchangeBindings) {
    await channel.unbindExchange(destination, source, routingKey);
  }
}

/** Resolves when RabbitMQ says that the message is on disk; one that no queue takes is returned. */
function confirmed(
  channel: ConfirmChannel,
  exchange: string,
  routingKey: string,
  { body, properties }: Envelope,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { ...properties, mandatory: true };
    channel.publish(exchange, routingKey, Buffer.from(body), options, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

async function readDepths(channel: ConfirmChannel, shards: number): Promise<QueueDepth[]> {
  const depths: QueueDepth[] = [];
  for (const queue of QUEUES) {
    let ready = 0;
    for (const shard of shardsOf(queue, shards)) {
      ready += (await channel.checkQueue(shard)).messageCount;
    }
    const { messageCount: dead } = await channel.checkQueue(deadLetterQueueOf(queue));
    depths.push({ queue, ready, dead });
  }
  return depths;
}

/** A delay is shared by all queues: a message in it is known only by where it goes on to. */
async function countDelayed(
  channel: ConfirmChannel,
  retryDelaysMs: readonly number[],
): Promise<number> {
  let delayed = 0;
  for (const delayMs of new Set(retryDelaysMs)) {
    delayed += (await channel.checkQueue(delayOf(delayMs))).messageCount;
  }
  return delayed;
}

function anyOf(queues: readonly string[]): string {
  return queues[Math.floor(Math.random() * queues.length)] ?? '';
}

/** @throws {TypeError} when it is no number from 1 to 99 */
function shardsIn(url: string): number {
  const given = URL.parse(url)?.searchParams.get('shards') ?? '1';
  if (!/^[1-9][0-9]?$/.test(given)) throw new TypeError('shards must be a number from 1 to 99');
  return Number(given);
}

/** As parts, because amqplib takes the user and password of a URL for Latin-1. */
function addressOf(url: string): Options.Connect {
  const parts = URL.parse(url);
  if (parts === null || !['amqp:', 'amqps:'].includes(parts.protocol)) {
    throw new TypeError('not a URL like amqp://user:password@host:5672/vhost');
  }
  const isTls = parts.protocol === 'amqps:';
  return {
    protocol: isTls ? 'amqps' : 'amqp',
    hostname: parts.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parts.port) || (isTls ? 5671 : 5672),
    username: decodeURIComponent(parts.username) || 'guest',
    password: decodeURIComponent(parts.password) || 'guest',
    vhost: parts.pathname.slice(1),
    heartbeat: HEARTBEAT_SECONDS,
  };
}
