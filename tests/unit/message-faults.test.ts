import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { createHandler as createNotifier } from '../../functions/notifier/handler.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import { type FakeWorld, fakeWorld } from '../support/fake-world.ts';
import { lambdaContext } from '../support/http-event.ts';
import { rmqEvent, someMessage } from '../support/rmq-event.ts';

const MIB = 1024 * 1024;
const UPLOADED = 'video.uploaded';
const READY = 'audio.ready';
const FAILED = 'conversion.failed';

let world: FakeWorld;
beforeEach(() => {
  world = fakeWorld();
});

const functionFor = (name: MessageName) =>
  name === UPLOADED ? createConverter(world.deps) : createNotifier(world.deps);

/** Hands a message over that the broker need not have. */
const handle = (name: MessageName, id: string) =>
  functionFor(name)(rmqEvent(name, someMessage(name, id)), lambdaContext);

async function deliverAll(): Promise<void> {
  for (const name of [UPLOADED, READY, FAILED] as const) {
    await world.deliver(name, functionFor(name));
  }
}

/** Every order of three messages, one of which says what never was. */
const ORDERS: readonly (readonly MessageName[])[] = [
  [UPLOADED, READY, FAILED],
  [UPLOADED, FAILED, READY],
  [READY, UPLOADED, FAILED],
  [READY, FAILED, UPLOADED],
  [FAILED, UPLOADED, READY],
  [FAILED, READY, UPLOADED],
];

describe('one MP3 and one mail come of an upload', () => {
  test.each(ORDERS)('whose messages come twice, in the order %s, %s, %s', async (...order) => {
    const { id } = await world.upload();
    for (const name of [...order, ...order]) await handle(name, id);
    await deliverAll();
    expect(await world.conversions.find(id)).toMatchObject({ state: 'ready', attempts: 1 });
    expect(world.mailer.sent).toHaveLength(1);
    expect([...world.fileMap.keys()]).toEqual([expect.stringContaining('mp3s/')]);
    expect(world.queue.dead).toEqual([]);
  });

  test('whose messages come at once', async () => {
    const { id } = await world.upload();
    await Promise.all([1, 2, 3].map(() => handle(UPLOADED, id)));
    await deliverAll();
    expect(await world.conversions.find(id)).toMatchObject({ state: 'ready', attempts: 1 });
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('whose messages come again when all is long over', async () => {
    const { id } = await world.upload();
    await deliverAll();
    await world.pass(9 * 24);
    for (const name of [UPLOADED, READY, FAILED] as const) await handle(name, id);
    expect(await world.conversions.find(id)).toMatchObject({ state: 'expired' });
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.fileMap.size).toBe(0);
  });
});

const message = (change: object) =>
  JSON.stringify({ ...someMessage(UPLOADED, crypto.randomUUID()), ...change });

describe.each([UPLOADED, READY] as const)('a message in %s', (name) => {
  test.each([
    ['is empty', ''],
    ['is not JSON', '{"name":'],
    ['is not UTF-8', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1')],
    ['is null', 'null'],
    ['is a list', '[]'],
    ['is nested deeply', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['is of a version to come', message({ version: 2 })],
    ['is of no version', message({ version: undefined })],
    ['has a name that nobody knows', message({ name: 'video.deleted' })],
    ['has an id that is none', message({ conversionId: '../../etc/passwd' })],
    ['is larger than any of ours', 'x'.repeat(16 * MIB)],
  ])('that %s is dead at once, with its body and the reason', async (_, body) => {
    await functionFor(name)(rmqEvent(name, body), lambdaContext);
    expect(world.queue.dead).toHaveLength(1);
    expect(world.queue.retried).toEqual([]);
    const [dead] = world.queue.dead;
    expect(dead?.reason).toContain('invalid-message');
    expect(Buffer.from(dead?.delivery.body ?? []).equals(Buffer.from(body))).toBe(true);
  });

  test('that has more in it than is known is handled, and the rest is left alone', async () => {
    const { id } = await world.upload();
    await deliverAll();
    const more = { ...someMessage(name, id), more: 'x'.repeat(MIB) };
    await functionFor(name)(rmqEvent(name, JSON.stringify(more)), lambdaContext);
    expect(world.queue.dead).toEqual([]);
    expect(world.mailer.sent).toHaveLength(1);
  });
});
