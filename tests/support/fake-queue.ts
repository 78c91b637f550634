import type { Envelope } from '../../src/adapters/queue/envelope.ts';
import {
  deadLetterEnvelope,
  deathOf,
  newEnvelope,
  redrivenEnvelope,
  retryDelayMs,
  retryEnvelope,
} from '../../src/adapters/queue/envelope.ts';
import { DELIVERY_LIMIT } from '../../src/adapters/queue/topology.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import type { Message, MessageName } from '../../src/domain/messages.ts';
import { deadLetterQueueOf, QUEUES, RETRY_DELAYS_MS } from '../../src/domain/messages.ts';
import { type Clock, systemClock } from '../../src/ports/clock.ts';
import type { DeadLetter, Delivery, Queue } from '../../src/ports/queue.ts';
import type { Received } from './received.ts';

/** What the broker holds. */
interface FakeMessage extends Envelope {
  readonly id: number;
  queue: string;
  readonly visibleAtMs: number;
  deliveries: number;
  inFlight: boolean;
}

/** Given to two queues, it makes them share a broker. */
export type FakeBroker = Map<number, FakeMessage>;

export interface FakeQueue extends Queue {
  /** What was handed over, in the order of the calls, whether or not it has been received since. */
  readonly published: readonly Message[];
  readonly retried: readonly { readonly delivery: Delivery; readonly delayMs: number }[];
  readonly dead: readonly { readonly delivery: Delivery; readonly reason: string }[];
  receive(queue: string): Received | undefined;
  /** From here on nothing answers. */
  breakDown(): void;
}

export interface FakeQueueOptions {
  readonly broker?: FakeBroker;
  readonly retryDelaysMs?: readonly number[];
  readonly clock?: Clock;
}

let lastId = 0;

/** A queue in memory. */
export function fakeQueue({
  broker = new Map(),
  retryDelaysMs = RETRY_DELAYS_MS,
  clock = systemClock,
}: FakeQueueOptions = {}): FakeQueue {
  const published: Message[] = [];
  const retried: { delivery: Delivery; delayMs: number }[] = [];
  const dead: { delivery: Delivery; reason: string }[] = [];
  const nowMs = () => clock.now().getTime();
  let broken = false;

  async function answer(): Promise<void> {
    if (broken) throw new Unavailable('queue');
  }

  async function send(queue: string, envelope: Envelope, delayMs = 0): Promise<void> {
    await answer();
    lastId += 1;
    const visibleAtMs = nowMs() + delayMs;
    broker.set(lastId, {
      ...envelope,
      id: lastId,
      queue,
      visibleAtMs,
      deliveries: 0,
      inFlight: false,
    });
  }

  function deadOf(queue: MessageName): FakeMessage[] {
    const name = deadLetterQueueOf(queue);
    return [...broker.values()].filter((message) => isReady(message, name, nowMs()));
  }

  return {
    published,
    retried,
    dead,
    declare: answer,
    async publish(message) {
      await send(message.name, newEnvelope(message));
      published.push(message);
    },
    async retryLater(delivery) {
      const delayMs = retryDelayMs(delivery, retryDelaysMs);
      await send(delivery.queue, retryEnvelope(delivery), delayMs);
      retried.push({ delivery, delayMs });
    },
    async deadLetter(delivery, reason) {
      await send(deadLetterQueueOf(delivery.queue), deadLetterEnvelope(delivery, reason));
      dead.push({ delivery, reason });
    },
    async deadLetters(queue, limit) {
      await answer();
      return deadOf(queue).slice(0, limit).map(letterOf);
    },
    async settleDeadLetters(queue, decide) {
      await answer();
      let settled = 0;
      for (const message of deadOf(queue)) {
        const letter = letterOf(message);
        const fate = await decide(letter);
        if (fate === 'keep') continue;
        if (fate === 'redrive') await send(queue, redrivenEnvelope(letter));
        broker.delete(message.id);
        settled += 1;
      }
      return settled;
    },
    async delayed() {
      await answer();
      return [...broker.values()].filter(({ visibleAtMs }) => visibleAtMs > nowMs()).length;
    },
    async depths() {
      await answer();
      return QUEUES.map((queue) => depthOf(broker, queue, nowMs()));
    },
    ping: answer,
    async dispose() {},
    receive: (queue) => receive(broker, queue, nowMs()),
    breakDown() {
      broken = true;
    },
  };
}

function letterOf({ queue, body, properties }: FakeMessage): DeadLetter {
  const { messageId, headers } = properties;
  const live = QUEUES.find((name) => deadLetterQueueOf(name) === queue);
  if (live === undefined) throw new Error(`${queue} holds no dead letters`);
  return { queue: live, body, ...(messageId !== undefined && { messageId }), ...deathOf(headers) };
}

function isReady(message: FakeMessage, queue: string, nowMs: number): boolean {
  return message.queue === queue && !message.inFlight && message.visibleAtMs <= nowMs;
}

function depthOf(broker: FakeBroker, queue: MessageName, nowMs: number) {
  const messages = [...broker.values()];
  const ready = (name: string) =>
    messages.filter((message) => isReady(message, name, nowMs)).length;
  return {
    queue,
    ready: ready(queue),
    inFlight: messages.filter((message) => message.queue === queue && message.inFlight).length,
    delayed: messages.filter((message) => message.queue === queue && message.visibleAtMs > nowMs)
      .length,
    dead: ready(deadLetterQueueOf(queue)),
  };
}

function receive(broker: FakeBroker, queue: string, nowMs: number): Received | undefined {
  const message = [...broker.values()].find((candidate) => isReady(candidate, queue, nowMs));
  if (message === undefined) return undefined;
  message.inFlight = true;
  message.deliveries += 1;
  return {
    properties: message.properties,
    body: message.body,
    redelivered: message.deliveries > 1,
    async ack() {
      broker.delete(message.id);
    },
    async requeue() {
      message.inFlight = false;
      const isExhausted = message.deliveries > DELIVERY_LIMIT;
      if (isExhausted) message.queue = deadLetterQueueOf(message.queue);
    },
  };
}
