import { beforeEach, expect, test } from 'vitest';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { createHandler as createNotifier } from '../../functions/notifier/handler.ts';
import { retryConversion } from '../../src/conversions/retry-conversion.ts';
import type { Conversion } from '../../src/domain/conversion.ts';
import { later, someConversion } from '../support/conversions.ts';
import { type FakeWorld, fakeWorld, HOUR_MS, OWNER } from '../support/fake-world.ts';

let world: FakeWorld;
beforeEach(() => {
  world = fakeWorld();
});

const retry = (id: string) => retryConversion(world.deps, id);
const convert = () => world.deliver('video.uploaded', createConverter(world.deps));
const notify = () => world.deliver('audio.ready', createNotifier(world.deps));

test('one whose message got lost is converted', async () => {
  const { id } = await world.upload();
  await world.queue.receive('video.uploaded')?.ack();
  expect(await retry(id)).toMatchObject({ isRetried: true });
  expect(await world.conversions.find(id)).not.toHaveProperty('outbox');
  await convert();
  expect((await world.conversions.find(id))?.state).toBe('ready');
});

test('an owner who has not heard is told, also one whose mail was refused for good', async () => {
  const { id } = await world.upload();
  await convert();
  world.mailer.refuse(OWNER.email);
  await notify();
  world.mailer.accept(OWNER.email);
  expect(await retry(id)).toEqual({ isRetried: true, effect: 'its owner is told' });
  await notify();
  expect(world.mailer.sent).toHaveLength(1);
});

test('one that was given up begins anew, without its dead letter', async () => {
  const { id } = await world.upload();
  await world.queue.receive('video.uploaded')?.ack();
  const found = await world.conversions.find(id);
  if (found === undefined) throw new Error('no record');
  const error = { code: 'attempts-exhausted', message: 'tried several times' } as const;
  const given = { state: 'failed', error, outbox: undefined, expiresAt: later(HOUR_MS) } as const;
  await world.conversions.replace({ ...found, ...given, revision: found.revision + 1 });
  expect(await retry(id)).toEqual({ isRetried: true, effect: 'converts it anew' });
  await convert();
  expect((await world.conversions.find(id))?.state).toBe('ready');
});

test.each<[string, Partial<Conversion>]>([
  ['it is uploading', { state: 'uploading' }],
  ['a converter is at it', { state: 'converting', lease: { token: 't', until: later(9e12) } }],
  ['it is ready', { state: 'ready', notifiedAt: later(1), expiresAt: later(9_000) }],
  ['failed for its video', { state: 'failed', error: { code: 'no-audio', message: '' } }],
  ['it is expired', { state: 'expired' }],
])('nothing is done where nothing should be: %s', async (why, change) => {
  const conversion = someConversion(change);
  await world.conversions.create(conversion);
  const { isRetried, effect } = await retry(conversion.id);
  expect(isRetried).toBe(false);
  expect(effect).toContain(why);
  expect(await world.conversions.find(conversion.id)).toEqual(conversion);
});

test('one that is not there is said to be so', async () => {
  expect(await retry('none')).toMatchObject({ isRetried: false });
});
