import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler } from '../../functions/janitor/handler.ts';
import { type Conversion, dueAt } from '../../src/domain/conversion.ts';
import { createLogger } from '../../src/logger.ts';
import { NOW, someConversion } from '../support/conversions.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';
import { fakeFileStore } from '../support/fake-file-store.ts';
import { fakeQueue } from '../support/fake-queue.ts';
import { lambdaContext } from '../support/http-event.ts';

let service: ReturnType<typeof testJanitor>;
beforeEach(() => {
  service = testJanitor();
});

function testJanitor() {
  const clock = fakeClock(NOW);
  const files = new Map<string, Uint8Array>();
  const stores = {
    clock,
    files: fakeFileStore(files, clock),
    conversions: fakeConversionStore(),
    queue: fakeQueue({ clock }),
  };
  const logger = createLogger({ name: 'janitor', level: 'silent' });
  const handler = createHandler({ ...stores, logger });
  return {
    ...stores,
    fileNames: () => [...files.keys()],
    run: () => handler({}, lambdaContext),
  };
}

/** A stored conversion with its video and every MP3 that it names; the clock stands where it is due. */
async function overdue(change: Partial<Conversion>): Promise<Conversion> {
  const conversion = someConversion(change);
  await service.conversions.create(conversion);
  const keys = conversion.audioKeys.map((key) => ({ bucket: 'mp3s', key }) as const);
  for (const file of [{ bucket: 'videos', key: conversion.id } as const, ...keys]) {
    await service.files.put(file, pieces());
  }
  service.clock.set(dueAt(conversion) ?? NOW);
  return conversion;
}

async function* pieces() {
  yield Buffer.from('content');
}

const audio = { key: 'winner', sizeBytes: 7, durationSeconds: 1 };
const lease = { token: 'token', until: NOW };

describe('what was cancelled', () => {
  test('is rid of what was written after that, once; its owner gets no message', async () => {
    const { id } = await overdue({ state: 'cancelled', audioKeys: ['part'], expiresAt: NOW });
    expect(await service.run()).toMatchObject({ republished: 0, removed: 1, failures: [] });
    expect(service.fileNames()).toEqual([]);
    expect(await service.conversions.find(id)).toMatchObject({ state: 'cancelled' });
    expect(await service.run()).toMatchObject({ removed: 0 });
    expect(service.queue.published).toEqual([]);
  });
});

describe('what got stuck', () => {
  test('a message that was never confirmed is published', async () => {
    const { id } = await overdue({ state: 'queued', outbox: 'video.uploaded' });
    expect(await service.run()).toMatchObject({ republished: 1, removed: 0, failures: [] });
    expect(service.queue.published).toMatchObject([{ name: 'video.uploaded', conversionId: id }]);
    expect(await service.conversions.find(id)).not.toHaveProperty('outbox');
    expect(service.fileNames()).toEqual([`videos/${id}`]);
  });

  test('a ready conversion that died before it told so loses its video and the MP3s of others', async () => {
    const { id } = await overdue({
      state: 'ready',
      outbox: 'audio.ready',
      audio,
      audioKeys: ['loser', 'winner'],
    });
    await service.run();
    expect(service.queue.published).toMatchObject([{ name: 'audio.ready', conversionId: id }]);
    expect(service.fileNames()).toEqual(['mp3s/winner']);
  });

  test('a conversion whose converter has died is queued again', async () => {
    const { id } = await overdue({ state: 'converting', lease, attempts: 1 });
    await service.run();
    const conversion = await service.conversions.find(id);
    expect(conversion).toMatchObject({ state: 'queued', attempts: 1 });
    expect(conversion).not.toHaveProperty('lease');
    expect(service.queue.published).toMatchObject([{ name: 'video.uploaded', conversionId: id }]);
  });

  test('nothing is touched before its time', async () => {
    const { id } = await overdue({ state: 'queued', outbox: 'video.uploaded' });
    service.clock.advance(-1);
    expect(await service.run()).toMatchObject({ republished: 0, removed: 0 });
    expect(await service.conversions.find(id)).toMatchObject({ outbox: 'video.uploaded' });
  });

  test('a broker that is away leaves it for the next run', async () => {
    const { id } = await overdue({ state: 'queued', outbox: 'video.uploaded' });
    service.queue.breakDown();
    expect((await service.run()).failures).toMatchObject([{ conversionId: id }]);
    expect(await service.conversions.find(id)).toMatchObject({ outbox: 'video.uploaded' });
  });
});

describe('what has had its time', () => {
  test('an MP3 is removed, and its conversion says expired', async () => {
    const expiresAt = new Date(+NOW + 1_000);
    const { id } = await overdue({ state: 'ready', audio, audioKeys: ['winner'], expiresAt });
    expect(await service.run()).toMatchObject({ republished: 0, removed: 1 });
    expect(await service.conversions.find(id)).toMatchObject({ state: 'expired' });
    expect(service.fileNames()).toEqual([]);
    expect(await service.run()).toMatchObject({ removed: 0 });
  });

  test('the video of a failed conversion is removed, and it stays failed', async () => {
    const error = { code: 'attempts-exhausted', message: 'Tried often.' } as const;
    const { id } = await overdue({ state: 'failed', error, expiresAt: new Date(+NOW + 1_000) });
    await service.run();
    expect(await service.conversions.find(id)).toMatchObject({ state: 'failed', error });
    expect(service.fileNames()).toEqual([]);
    expect(await service.run()).toMatchObject({ removed: 0 });
  });

  test.each(['uploading', 'deleting'] as const)(
    'one that is %s for too long is removed',
    async (state) => {
      const { id } = await overdue({ state, audioKeys: ['loser'] });
      await service.run();
      expect(await service.conversions.find(id)).toBeUndefined();
      expect(service.fileNames()).toEqual([]);
    },
  );

  test('one that cannot be removed does not stop the others', async () => {
    const bad = someConversion({ state: 'deleting', audioKeys: ['../not-a-key'] });
    await service.conversions.create(bad);
    const { id } = await overdue({ state: 'deleting' });
    expect((await service.run()).failures).toMatchObject([{ conversionId: bad.id }]);
    expect(await service.conversions.find(id)).toBeUndefined();
  });
});

describe('a video that is kept after its conversion', () => {
  const kept = { state: 'ready', audio, audioKeys: ['winner'], notifiedAt: NOW } as const;
  const at = (ms: number) => new Date(+NOW + ms);

  test('is removed when its time is over, and the MP3 stays', async () => {
    const { id } = await overdue({ ...kept, videoExpiresAt: at(1_000), expiresAt: at(9_000) });
    service.clock.advance(-1);
    expect(await service.run()).toMatchObject({ removed: 0 });
    expect(service.fileNames()).toEqual([`videos/${id}`, 'mp3s/winner']);
    service.clock.advance(1);
    expect(await service.run()).toMatchObject({ republished: 0, removed: 1, failures: [] });
    expect(service.fileNames()).toEqual(['mp3s/winner']);
    expect(await service.conversions.find(id)).not.toHaveProperty('videoExpiresAt');
  });

  test('stays when the MP3 goes before it', async () => {
    const { id } = await overdue({ ...kept, videoExpiresAt: at(9_000), expiresAt: at(1_000) });
    await service.run();
    expect(service.fileNames()).toEqual([`videos/${id}`]);
    expect(await service.conversions.find(id)).toMatchObject({ state: 'expired' });
    service.clock.advance(8_000);
    await service.run();
    expect(service.fileNames()).toEqual([]);
    expect(await service.run()).toMatchObject({ republished: 0, removed: 0 });
  });

  test('stays when the message about the MP3 is published late', async () => {
    const { id } = await overdue({
      ...kept,
      outbox: 'audio.ready',
      audioKeys: ['loser', 'winner'],
      videoExpiresAt: at(3_600_000),
      expiresAt: at(7_200_000),
    });
    await service.run();
    expect(service.queue.published).toMatchObject([{ name: 'audio.ready', conversionId: id }]);
    expect(service.fileNames()).toEqual([`videos/${id}`, 'mp3s/winner']);
  });

  test('does not make its owner be told too early', async () => {
    await overdue({
      ...kept,
      notifiedAt: undefined,
      videoExpiresAt: at(1_000),
      expiresAt: at(9_000),
    });
    await service.run();
    expect(service.queue.published).toEqual([]);
  });
});

describe('a file that no record names', () => {
  const id = '01970000-0000-7000-8000-00000000ffff';
  const orphan = { bucket: 'videos', key: id } as const;

  test('is removed when it is a day old, by one of the runs', async () => {
    const { id: named } = await overdue({ state: 'converting', lease });
    await service.files.put(orphan, pieces());
    for (let run = 0; run < 3; run += 1) await service.run();
    expect(await service.files.stat(orphan)).toBeDefined();
    service.clock.advance(24 * 3_600_000);
    for (let run = 0; run < 3; run += 1) await service.run();
    expect(service.fileNames()).toEqual([`videos/${named}`]);
  });

  test('does not keep what is due from being done when the files cannot be listed', async () => {
    const { id: stuck } = await overdue({ state: 'queued', outbox: 'video.uploaded' });
    service.files.breakDown();
    expect(await service.run()).toMatchObject({ republished: 1, failures: [] });
    expect(await service.conversions.find(stuck)).not.toHaveProperty('outbox');
  });
});
