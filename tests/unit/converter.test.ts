import { once } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler } from '../../functions/converter/handler.ts';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import {
  type Conversion,
  cancelled,
  claimed,
  deleting,
  MAX_ATTEMPTS,
  newConversion,
  queued,
  released,
} from '../../src/domain/conversion.ts';
import { createLogger } from '../../src/logger.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { Transcoder } from '../../src/ports/transcoder.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';
import { fakeFileStore } from '../support/fake-file-store.ts';
import { fakeQueue } from '../support/fake-queue.ts';
import { fakeTranscoder, NO_AUDIO } from '../support/fake-transcoder.ts';
import { lambdaContext } from '../support/http-event.ts';
import { rmqEvent, someMessage } from '../support/rmq-event.ts';

const ID = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';
const OWNER = { userId: 'ada', email: 'ada@example.org' };

let service: ReturnType<typeof testConverter>;
beforeEach(() => {
  service = testConverter();
});

function testConverter() {
  const clock = fakeClock();
  const files = new Map<string, Uint8Array>();
  const stores = {
    clock,
    files: fakeFileStore(files),
    conversions: fakeConversionStore(),
    queue: fakeQueue({ clock }),
    transcoder: fakeTranscoder(),
  };
  const deps = {
    ...stores,
    audioRetentionMs: 60_000,
    logger: createLogger({ name: 'converter', level: 'silent' }),
  };
  return {
    ...stores,
    fileNames: () => [...files.keys()],
    async uploaded(content = 'some video') {
      const now = clock.now();
      const video = newConversion({ id: ID, owner: OWNER, options: {}, fileName: 'a.mp4' }, now);
      await stores.conversions.create(video);
      await stores.files.put({ bucket: 'videos', key: ID }, pieces(content));
      await change((it) => queued(it, content.length, now));
    },
    /** Handles `video.uploaded`, with a store in the place of the usual one if given. */
    handle: (
      failedAttempts = 0,
      conversions: ConversionStore = stores.conversions,
      videoRetentionMs = 0,
    ) =>
      createHandler({ ...deps, conversions, videoRetentionMs })(
        rmqEvent('video.uploaded', someMessage('video.uploaded', ID), { failedAttempts }),
        lambdaContext,
      ),
    /** As a function that has no time left: the source is never read to its end. */
    handleInNoTime: () =>
      createHandler({ ...deps, transcoder: waitingTranscoder(stores.transcoder) })(
        rmqEvent('video.uploaded', someMessage('video.uploaded', ID)),
        { ...lambdaContext, getRemainingTimeInMillis: () => 0 },
      ),
    handleWithin: (maxAudioBytes: number) =>
      createHandler({ ...deps, maxAudioBytes })(
        rmqEvent('video.uploaded', someMessage('video.uploaded', ID)),
        lambdaContext,
      ),
    handleBody: (body: string) =>
      createHandler(deps)(rmqEvent('video.uploaded', body), lambdaContext),
  };
}

/** Makes nothing until it is stopped. */
function waitingTranscoder(transcoder: Transcoder): Transcoder {
  return {
    ...transcoder,
    async toMp3(job) {
      async function* audio(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('the beginning of an MP3');
        await once(job.signal, 'abort');
        job.signal.throwIfAborted();
      }
      return { ...(await transcoder.toMp3(job)), audio: audio() };
    },
  };
}

async function* pieces(content: string) {
  yield Buffer.from(content);
}

function change(transition: (conversion: Conversion) => Conversion) {
  return changeConversion(service.conversions, ID, transition);
}

function found() {
  return service.conversions.find(ID);
}

async function claimedByAnother(forMs: number) {
  const now = service.clock.now();
  const lease = { token: 'another', until: new Date(+now + forMs) };
  return await change((it) => claimed(it, lease, now));
}

describe('a video', () => {
  test('is kept for as long as it is to be, and what other attempts left is not', async () => {
    await service.uploaded();
    const left = { bucket: 'mp3s', key: `${ID}.loser` } as const;
    await service.files.put(left, pieces('part of an MP3'));
    await change((it) => ({ ...it, revision: it.revision + 1, audioKeys: [left.key] }));
    await service.handle(0, service.conversions, 60_000);
    const videoExpiresAt = new Date(+service.clock.now() + 60_000);
    expect(await found()).toMatchObject({ state: 'ready', videoExpiresAt });
    expect(await service.files.stat({ bucket: 'videos', key: ID })).toBeDefined();
    expect(await service.files.stat(left)).toBeUndefined();
  });

  test('becomes an MP3; the owner is to be told, and the video is gone', async () => {
    await service.uploaded();
    await service.handle();
    const conversion = await found();
    expect(conversion).toMatchObject({
      state: 'ready',
      progress: 1,
      attempts: 1,
      expiresAt: new Date(+service.clock.now() + 60_000),
    });
    expect(conversion).not.toHaveProperty('lease');
    expect(conversion).not.toHaveProperty('outbox');
    expect(service.fileNames()).toEqual([`mp3s/${conversion?.audio?.key}`]);
    expect(service.queue.published).toMatchObject([{ name: 'audio.ready', conversionId: ID }]);
  });

  test('without sound ends as failed; the owner is to be told, and nothing is dead-lettered', async () => {
    await service.uploaded(NO_AUDIO);
    await service.handle();
    expect(await found()).toMatchObject({ state: 'failed', error: { code: 'no-audio' } });
    expect(service.fileNames()).toEqual([]);
    expect(service.queue.published).toMatchObject([{ name: 'conversion.failed' }]);
    expect(service.queue.dead).toEqual([]);
    expect(service.queue.retried).toEqual([]);
  });

  test('whose MP3 would be too large ends as failed, and nothing of it is kept', async () => {
    await service.uploaded('x'.repeat(3_000));
    await service.handleWithin(2_999);
    expect(await found()).toMatchObject({ state: 'failed', error: { code: 'audio-too-large' } });
    expect(service.fileNames()).toEqual([]);
    expect(service.queue.published).toMatchObject([{ name: 'conversion.failed' }]);
    expect(service.queue.retried).toEqual([]);
  });

  test('whose MP3 is as large as it may be is converted', async () => {
    await service.uploaded('x'.repeat(3_000));
    await service.handleWithin(3_000);
    expect(await found()).toMatchObject({ state: 'ready' });
  });

  test('that is delivered twice is converted once', async () => {
    await service.uploaded();
    await service.handle();
    const first = await found();
    await service.handle();
    expect(await found()).toEqual(first);
    expect(service.queue.published).toHaveLength(1);
  });

  test('that another converter holds is left to it', async () => {
    await service.uploaded();
    const held = await claimedByAnother(30_000);
    await service.handle();
    expect(await found()).toEqual(held);
    expect(service.queue.retried).toEqual([]);
  });

  test('whose converter has died is taken over, and what that one left is removed', async () => {
    await service.uploaded();
    await claimedByAnother(30_000);
    await service.files.put({ bucket: 'mp3s', key: `${ID}.another` }, pieces('half an MP3'));
    service.clock.advance(30_000);
    await service.handle();
    const conversion = await found();
    expect(conversion).toMatchObject({ state: 'ready', attempts: 2 });
    expect(service.fileNames()).toEqual([`mp3s/${conversion?.audio?.key}`]);
  });

  test('that was removed meanwhile is nothing to do', async () => {
    await service.handle();
    await service.uploaded();
    await change((it) => deleting(it, service.clock.now()));
    await service.handle();
    expect(service.queue.published).toEqual([]);
    expect(service.queue.dead).toEqual([]);
  });
});

describe('what may pass', () => {
  test('is tried again later: the message waits, the conversion is queued and keeps nothing', async () => {
    await service.uploaded();
    service.transcoder.breakDown();
    await service.handle();
    expect(await found()).toMatchObject({ state: 'queued', attempts: 1 });
    expect(service.fileNames()).toEqual([`videos/${ID}`]);
    expect(service.queue.retried).toMatchObject([{ delayMs: 5_000 }]);
  });

  test('is given up after the last delay: dead letter, failed, owner told, video kept', async () => {
    await service.uploaded();
    service.transcoder.breakDown();
    await service.handle(4);
    expect(await found()).toMatchObject({
      state: 'failed',
      error: { code: 'attempts-exhausted' },
    });
    expect(service.fileNames()).toEqual([`videos/${ID}`]);
    expect(service.queue.dead).toMatchObject([{ reason: expect.stringContaining('ffmpeg') }]);
    expect(service.queue.published).toMatchObject([{ name: 'conversion.failed' }]);
  });

  test('is given up after five beginnings, for the video may be what kills its converter', async () => {
    await service.uploaded();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      await claimedByAnother(30_000);
      await change((it) => released(it, 'another', service.clock.now()));
    }
    await service.handle();
    expect(await found()).toMatchObject({
      state: 'failed',
      error: { code: 'attempts-exhausted' },
    });
    expect(service.queue.published).toMatchObject([{ name: 'conversion.failed' }]);
  });

  test('a broker that does not take the hand-over makes the function throw', async () => {
    await service.uploaded();
    service.transcoder.breakDown();
    service.queue.breakDown();
    await expect(service.handle()).rejects.toMatchObject({ code: 'unavailable', part: 'queue' });
  });
});

describe('a function whose time is over', () => {
  test('puts the conversion back, with its attempts as they were, for the next one', async () => {
    await service.uploaded();
    await service.handleInNoTime();
    expect(await found()).toMatchObject({ state: 'queued', attempts: 0, interruptions: 1 });
    expect(service.fileNames()).toEqual([`videos/${ID}`]);
    expect(service.queue.published).toMatchObject([{ name: 'video.uploaded', conversionId: ID }]);
    expect(service.queue.retried).toEqual([]);
    await service.handle();
    expect(await found()).toMatchObject({ state: 'ready' });
  });

  test('twice over is an end, of which the owner is told; the video is kept', async () => {
    await service.uploaded();
    await service.handleInNoTime();
    await service.handleInNoTime();
    expect(await found()).toMatchObject({ state: 'failed', error: { code: 'out-of-time' } });
    expect(service.fileNames()).toEqual([`videos/${ID}`]);
    expect(service.queue.published).toMatchObject([
      { name: 'video.uploaded' },
      { name: 'conversion.failed' },
    ]);
    expect(service.queue.dead).toEqual([]);
  });
});

describe('when the MP3 is ready', () => {
  test('a broker that is away leaves the message to the janitor, and the MP3 stays', async () => {
    await service.uploaded();
    service.queue.breakDown();
    await expect(service.handle()).rejects.toMatchObject({ code: 'unavailable' });
    const conversion = await found();
    expect(conversion).toMatchObject({ state: 'ready', outbox: 'audio.ready' });
    expect(service.fileNames()).toContain(`mp3s/${conversion?.audio?.key}`);
  });

  test('an answer of the store that got lost does not cost the MP3', async () => {
    await service.uploaded();
    const forgetful: ConversionStore = {
      ...service.conversions,
      async replace(next) {
        const isStored = await service.conversions.replace(next);
        if (next.state === 'ready' && next.outbox !== undefined)
          throw new Error('connection reset');
        return isStored;
      },
    };
    await service.handle(0, forgetful);
    const conversion = await found();
    expect(conversion?.state).toBe('ready');
    expect(service.fileNames()).toEqual([`mp3s/${conversion?.audio?.key}`]);
    expect(service.queue.published).toMatchObject([{ name: 'audio.ready' }]);
  });
});

describe('a removal while the conversion runs', () => {
  test('ends it without a trace', async () => {
    await service.uploaded();
    const removing: ConversionStore = {
      ...service.conversions,
      async replace(next) {
        if (next.state === 'ready') await service.conversions.remove(ID);
        return await service.conversions.replace(next);
      },
    };
    await service.handle(0, removing);
    expect(await found()).toBeUndefined();
    expect(service.fileNames().filter((name) => name.startsWith('mp3s/'))).toEqual([]);
    expect(service.queue.dead).toEqual([]);
  });
});

describe('a cancellation', () => {
  test('before it begins leaves nothing to do: the message is dropped quietly', async () => {
    await service.uploaded();
    await change((it) => cancelled(it, service.clock.now()));
    const before = await found();
    await service.handle();
    await service.handle(4);
    expect(await found()).toEqual(before);
    expect(service.queue).toMatchObject({ published: [], retried: [], dead: [] });
  });

  test.each(['converting', 'ready'] as const)(
    'that is faster than the change to %s wins: no MP3, no mail',
    async (state) => {
      await service.uploaded();
      let isCancelled = false;
      const cancelling: ConversionStore = {
        ...service.conversions,
        async replace(next) {
          if (next.state === state && !isCancelled) {
            isCancelled = true;
            await change((it) => cancelled(it, service.clock.now()));
          }
          return await service.conversions.replace(next);
        },
      };
      await service.handle(0, cancelling);
      expect(await found()).toMatchObject({ state: 'cancelled' });
      expect(service.fileNames()).toEqual([`videos/${ID}`]);
      expect(service.queue).toMatchObject({ published: [], retried: [], dead: [] });
    },
  );
});

describe('a message that is none', () => {
  test.each(['not JSON', '{}', '{"name":"video.uploaded","version":2}'])(
    '%s is dead-lettered',
    async (body) => {
      await service.handleBody(body);
      expect(service.queue.dead).toMatchObject([
        { reason: expect.stringContaining('invalid-message') },
      ]);
      expect(service.queue.retried).toEqual([]);
    },
  );
});
