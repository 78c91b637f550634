import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DELIVERY_LIMIT } from '../../src/adapters/queue/topology.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import type { Message, MessageName } from '../../src/domain/messages.ts';
import {
  deadLetterQueueOf,
  decodeMessage,
  encodeMessage,
  QUEUES,
} from '../../src/domain/messages.ts';
import type { Delivery, Queue } from '../../src/ports/queue.ts';
import type { Received } from '../support/received.ts';
import { queueDeadLettersContract } from './queue-dead-letters.contract.ts';

export const SHORT_DELAYS_MS: readonly number[] = [300, 600];
export const GONE_TIMEOUT_MS = 500;

export interface QueueHarness {
  /** Another queue on the same broker, with `SHORT_DELAYS_MS`. */
  open(): Queue;
  /** A queue whose broker does not answer within `GONE_TIMEOUT_MS`. */
  openGone(): Promise<Queue>;
  /** What waits at the head of a queue, if anything does. */
  receive(queueName: string): Promise<Received | undefined>;
}

/** The promises of `Queue`. */
export function queueContract(name: string, harness: QueueHarness): void {
  describe(`${name} queue`, () => {
    const queue = harness.open();
    beforeAll(() => queue.declare());
    afterAll(() => queue.dispose());

    describe('publishing', () => publishes(harness, queue));
    describe('trying again', () => triesAgain(harness, queue));
    describe('dead letters', () => keepsDeadLetters(harness, queue));
    describe('looking at the dead', () => queueDeadLettersContract(harness, queue));
    describe('faults', () => survives(harness, queue));
  });
}

function publishes(harness: QueueHarness, queue: Queue): void {
  it('delivers a message once, to its own queue, with body and properties', async () => {
    for (const name of QUEUES) await queue.publish(newMessage(name));
    for (const name of QUEUES) {
      const message = newMessage(name);
      await queue.publish(message);
      const earlier = await next(harness, name);
      await earlier.ack();
      const received = await next(harness, name);
      expect(decodeMessage(received.body)).toEqual(message);
      expect(received.redelivered).toBe(false);
      expect(received.properties).toMatchObject({
        contentType: 'application/json',
        deliveryMode: 2,
        appId: 'soundlift',
        type: name,
        messageId: message.id,
        headers: { 'x-attempts': 0 },
      });
      const ageMs = Date.now() - Number(received.properties.timestamp) * 1_000;
      expect(ageMs).toBeLessThan(60_000);
      await received.ack();
      expect(await harness.receive(name)).toBeUndefined();
    }
  });

  it('delivers a message again that was not taken', async () => {
    const message = newMessage();
    await queue.publish(message);
    const first = await next(harness, message.name);
    await first.requeue();
    const second = await next(harness, message.name);
    expect(second).toMatchObject({ body: first.body, redelivered: true });
    await second.ack();
  });

  it('takes many messages at the same time', async () => {
    const messages = Array.from({ length: 50 }, () => newMessage());
    await Promise.all(messages.map((message) => queue.publish(message)));
    const ids = new Set<string | undefined>();
    for (const { name } of messages) {
      const received = await next(harness, name);
      ids.add(received.properties.messageId);
      await received.ack();
    }
    expect(ids).toEqual(new Set(messages.map(({ id }) => id)));
  });

  it('counts what waits, what is in flight and what is dead', async () => {
    const depths = async () =>
      (await queue.depths()).find((depth) => depth.queue === 'audio.ready');
    expect((await queue.depths()).map((depth) => depth.queue)).toEqual(QUEUES);
    await queue.publish(newMessage('audio.ready'));
    await queue.publish(newMessage('audio.ready'));
    await expect.poll(depths).toMatchObject({ ready: 2, dead: 0 });

    const received = await next(harness, 'audio.ready');
    await queue.deadLetter(deliveryOf('audio.ready', received), 'for the count');
    await expect.poll(depths).toMatchObject({ ready: 1, dead: 1 });
    expect([undefined, 1]).toContain((await depths())?.inFlight);

    await received.ack();
    await (await next(harness, 'audio.ready')).ack();
    await (await next(harness, 'audio.ready.dead')).ack();
    await expect.poll(depths).toMatchObject({ ready: 0, dead: 0 });
    expect([undefined, 0]).toContain((await depths())?.inFlight);
  });
}

function triesAgain(harness: QueueHarness, queue: Queue): void {
  it('brings a message back with one more failed attempt, not before its time', async () => {
    const message = newMessage();
    await queue.publish(message);
    let received = await next(harness, message.name);
    for (const [failures, delayMs] of SHORT_DELAYS_MS.entries()) {
      const delivery = deliveryOf(message.name, received);
      expect(delivery).toMatchObject({ failedAttempts: failures, redelivered: false });
      const startedMs = performance.now();
      await queue.retryLater(delivery);
      await received.ack();
      received = await next(harness, message.name);
      // The broker's clock counts whole milliseconds.
      expect(performance.now() - startedMs).toBeGreaterThan(delayMs - 2);
      expect(decodeMessage(received.body)).toEqual(message);
      expect(received.properties.messageId).toBe(message.id);
    }
    expect(deliveryOf(message.name, received).failedAttempts).toBe(SHORT_DELAYS_MS.length);
    await received.ack();
  });

  it('refuses a message that has failed as often as there are delays', async () => {
    const delivery = { ...newDelivery(), failedAttempts: SHORT_DELAYS_MS.length };
    await expect(queue.retryLater(delivery)).rejects.toThrow(RangeError);
  });
}

function keepsDeadLetters(harness: QueueHarness, queue: Queue): void {
  it('keeps body, id and the reason', async () => {
    const body = Uint8Array.from([0xff, 0x00, 0x7b]);
    const delivery = { ...newDelivery(), body, messageId: 'foreign', failedAttempts: 3 };
    await queue.deadLetter(delivery, 'no-audio: the video is silent');
    const dead = await next(harness, deadLetterQueueOf(delivery.queue));
    expect(Buffer.from(dead.body).equals(body)).toBe(true);
    expect(dead.properties).toMatchObject({
      messageId: 'foreign',
      type: delivery.queue,
      headers: { 'x-reason': 'no-audio: the video is silent', 'x-attempts': 3 },
    });
    const failedAt = Date.parse(String(dead.properties.headers?.['x-failed-at']));
    expect(Date.now() - failedAt).toBeLessThan(60_000);
    await dead.ack();
  });

  it('takes a message without an id, and a reason of any length', async () => {
    const delivery = { ...newDelivery(), messageId: undefined };
    await queue.deadLetter(delivery, 'very long '.repeat(50_000));
    const dead = await next(harness, deadLetterQueueOf(delivery.queue));
    expect(dead.properties.messageId).toBeUndefined();
    expect(dead.properties.headers?.['x-reason']).toMatch(/^very long very long/);
    await dead.ack();
  });

  it('gets a message that was returned once more often than the limit', async () => {
    const message = newMessage('conversion.failed');
    await queue.publish(message);
    for (let returns = 0; returns <= DELIVERY_LIMIT; returns += 1) {
      await (await next(harness, message.name)).requeue();
    }
    const dead = await next(harness, deadLetterQueueOf(message.name));
    expect(dead.properties.messageId).toBe(message.id);
    expect(decodeMessage(dead.body)).toEqual(message);
    await dead.ack();
    expect(await harness.receive(message.name)).toBeUndefined();
  });
}

function survives(harness: QueueHarness, queue: Queue): void {
  it('keeps messages when it is disposed of and opened again', async () => {
    const message = newMessage();
    const first = harness.open();
    await first.publish(message);
    await first.dispose();
    await first.dispose();
    const second = harness.open();
    await second.declare();
    expect((await second.depths()).find(({ queue: name }) => name === message.name)?.ready).toBe(1);
    await second.dispose();
    const received = await next(harness, message.name);
    expect(received.properties.messageId).toBe(message.id);
    await received.ack();
  });

  it('may be disposed of before it was used', async () => {
    await harness.open().dispose();
  });

  it('may be declared from many sides at the same time', async () => {
    const queues = Array.from({ length: 5 }, () => harness.open());
    await Promise.all(queues.map((other) => other.declare()));
    await Promise.all(queues.map((other) => other.ping()));
    await Promise.all(queues.map((other) => other.dispose()));
    await queue.ping();
  });

  it.each<[string, (gone: Queue) => Promise<unknown>]>([
    ['declare', (gone) => gone.declare()],
    ['publish', (gone) => gone.publish(newMessage())],
    ['retryLater', (gone) => gone.retryLater(newDelivery())],
    ['deadLetter', (gone) => gone.deadLetter(newDelivery(), 'nobody knows')],
    ['depths', (gone) => gone.depths()],
    ['delayed', (gone) => gone.delayed()],
    ['deadLetters', (gone) => gone.deadLetters('video.uploaded', 10)],
    [
      'settleDeadLetters',
      (gone) => gone.settleDeadLetters('video.uploaded', async () => 'redrive'),
    ],
    ['ping', (gone) => gone.ping()],
  ])(
    'rejects %s with Unavailable in time when the broker does not answer',
    async (_, call) => {
      const gone = await harness.openGone();
      const error = await call(gone).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Unavailable);
      expect(error).toMatchObject({ part: 'queue' });
      await gone.dispose();
    },
    20_000,
  );
}

export function newMessage(name: MessageName = 'video.uploaded'): Message {
  const occurredAt = new Date().toISOString();
  return { name, version: 1, id: randomUUID(), conversionId: randomUUID(), occurredAt };
}

function newDelivery(): Delivery {
  const message = newMessage();
  const { name: queue, id: messageId } = message;
  return { queue, body: encodeMessage(message), messageId, failedAttempts: 0, redelivered: false };
}

export function deliveryOf(
  queue: MessageName,
  { properties, body, redelivered }: Received,
): Delivery {
  const failedAttempts = Number(properties.headers?.['x-attempts']);
  return { queue, body, messageId: properties.messageId, failedAttempts, redelivered };
}

export function next(harness: QueueHarness, queueName: string): Promise<Received> {
  const receive = async () => {
    const received = await harness.receive(queueName);
    if (received === undefined) throw new Error(`nothing has come to ${queueName}`);
    return received;
  };
  return vi.waitFor(receive, { timeout: 20_000, interval: 10 });
}
