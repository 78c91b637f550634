import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { createHandler as createNotifier } from '../../functions/notifier/handler.ts';
import { redriveConversion } from '../../src/conversions/redrive-conversion.ts';
import type { Conversion } from '../../src/domain/conversion.ts';
import { decodeMessage } from '../../src/domain/messages.ts';
import { later, someConversion } from '../support/conversions.ts';
import { type FakeWorld, fakeWorld, HOUR_MS } from '../support/fake-world.ts';

let world: FakeWorld;
beforeEach(() => {
  world = fakeWorld();
});

const EXHAUSTED = { code: 'attempts-exhausted', message: 'tried several times' } as const;

async function failedOne(change: Partial<Conversion>): Promise<string> {
  const conversion = someConversion({ state: 'failed', error: EXHAUSTED, ...change });
  await world.conversions.create(conversion);
  return conversion.id;
}

const effectOf = async (queue: 'video.uploaded' | 'audio.ready', conversionId: string) =>
  await redriveConversion(world.deps, { queue, conversionId });

describe('a conversion that was given up', () => {
  test('becomes an MP3 when its cause is mended, and its owner is told', async () => {
    const { id } = await world.upload();
    const broken = { ...world.deps, transcoder: brokenTranscoder() };
    for (let hour = 0; hour < 6; hour += 1) {
      await world.deliver('video.uploaded', createConverter(broken));
      world.clock.advance(HOUR_MS);
    }
    await world.deliver('conversion.failed', createNotifier(world.deps));
    expect(await world.conversions.find(id)).toMatchObject({
      state: 'failed',
      error: { code: EXHAUSTED.code },
    });
    expect(await world.queue.deadLetters('video.uploaded', 10)).toHaveLength(1);

    const redriven = await world.queue.settleDeadLetters('video.uploaded', async ({ body }) => {
      const { conversionId } = decodeMessage(body);
      const { isReopened } = await effectOf('video.uploaded', conversionId);
      return isReopened ? 'redrive' : 'keep';
    });
    expect(redriven).toBe(1);
    expect(await world.conversions.find(id)).toMatchObject({ state: 'queued', attempts: 0 });
    await world.deliver('video.uploaded', createConverter(world.deps));
    await world.deliver('audio.ready', createNotifier(world.deps));
    const { state, history } = (await world.conversions.find(id)) ?? {};
    expect(state).toBe('ready');
    expect(history?.map(({ reason }) => reason)).toContain('redriven');
    expect(world.mailer.sent.map(({ messageId }) => messageId.split('.')[0])).toEqual([
      'conversion',
      'audio',
    ]);
    expect(world.fileMap.has(`videos/${id}`)).toBe(false);
  });
});

describe('a dead letter that changes nothing says why', () => {
  test.each<[string, Partial<Conversion>]>([
    ['its video is not kept any more', {}],
    ['its video is missing', { expiresAt: later(9_000) }],
    ['failed for its video (no-audio)', { error: { code: 'no-audio', message: 'no sound' } }],
    ['it is ready', { state: 'ready', error: undefined }],
    ['converts it, unless somebody is at it', { state: 'queued', error: undefined }],
  ])('%s', async (why, change) => {
    const id = await failedOne(change);
    const before = await world.conversions.find(id);
    const { isReopened, effect } = await effectOf('video.uploaded', id);
    expect(isReopened).toBe(false);
    expect(effect).toContain(why);
    expect(await world.conversions.find(id)).toEqual(before);
  });

  test.each<[string, Partial<Conversion>]>([
    ['tells its owner', { state: 'ready', expiresAt: later(9_000) }],
    ['its owner has been told', { state: 'ready', notifiedAt: later(1), expiresAt: later(9_000) }],
    ['tells its owner', { state: 'ready', isOwnerUnreachable: true, expiresAt: later(9_000) }],
    ['there is nothing to tell', { state: 'expired' }],
  ])('%s', async (why, change) => {
    const id = await failedOne({ error: undefined, ...change });
    expect((await effectOf('audio.ready', id)).effect).toContain(why);
  });

  test('the conversion has been removed', async () => {
    const { effect } = await effectOf('video.uploaded', someConversion().id);
    expect(effect).toContain('the conversion has been removed');
  });
});

function brokenTranscoder() {
  return {
    async toMp3(): Promise<never> {
      throw new Error('ffmpeg is gone');
    },
    version: async () => 'broken',
  };
}
