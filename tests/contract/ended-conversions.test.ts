import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convertVideo } from '../../functions/converter/convert-video.ts';
import { cancelConversion } from '../../functions/gateway/cancel-conversion.ts';
import { uploadVideo } from '../../functions/gateway/upload-video.ts';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';
import { fakeQueue } from '../support/fake-queue.ts';
import { ADA } from '../support/gateway.ts';
import { ffmpegPath, sample } from '../support/media.ts';
import { processTree } from '../support/processes.ts';
import { tempDir } from '../support/temp-dir.ts';
import { UNLIMITED } from '../support/unlimited.ts';

const clock = { now: () => new Date() };
const OFTEN = { timeout: 30_000, interval: 20 };

/** The processes of this one that are an ffmpeg (Linux: from /proc). */
async function runningFfmpegs(): Promise<number[]> {
  const pids = await processTree(process.pid);
  const names = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'ended')),
  );
  return pids.filter((_pid, index) => names[index]?.startsWith('ffmpeg'));
}

/** A store with a video whose conversion takes some seconds. */
async function uploaded() {
  const directory = await tempDir('ended');
  const files = createDiskFileStore({ directory });
  const deps = { clock, files, conversions: fakeConversionStore(), queue: fakeQueue({ clock }) };
  const upload = {
    owner: ADA,
    fileName: 'long.m4a',
    sizeBytes: 1,
    content: createReadStream(await sample('long-sound')),
    options: {},
  };
  const { id } = await uploadVideo({ ...deps, quota: UNLIMITED }, upload);
  const transcoder = createFfmpegTranscoder({ ffmpegPath });
  const filesLeft = async () =>
    (
      await Promise.all(['videos', 'mp3s'].map((bucket) => readdir(join(directory, bucket))))
    ).flat();
  return { deps: { ...deps, transcoder, audioRetentionMs: 60_000 }, id, filesLeft };
}

test('a cancelled conversion ends its ffmpeg, and leaves neither video nor MP3', async ({
  annotate,
}) => {
  const { deps, id, filesLeft } = await uploaded();
  const converting = convertVideo(deps, { conversionId: id });
  await expect
    .poll(async () => (await deps.conversions.find(id))?.progress, OFTEN)
    .toBeGreaterThan(0);
  expect(await runningFfmpegs()).toHaveLength(1);

  const cancelledAtMs = performance.now();
  await cancelConversion(deps, { owner: ADA, id });
  expect(await converting).toBe('skipped');
  const tookMs = Math.round(performance.now() - cancelledAtMs);
  await annotate(`ffmpeg was gone ${tookMs} ms after the cancellation`);

  expect(await runningFfmpegs()).toEqual([]);
  expect(await deps.conversions.find(id)).toMatchObject({ state: 'cancelled', attempts: 1 });
  expect(await filesLeft()).toEqual([]);
  expect(deps.queue).toMatchObject({
    published: [{ name: 'video.uploaded' }],
    retried: [],
    dead: [],
  });
});

test('a conversion whose MP3 would be too large ends its ffmpeg, and leaves nothing', async () => {
  const { deps, id, filesLeft } = await uploaded();
  const outcome = await convertVideo({ ...deps, maxAudioBytes: 100_000 }, { conversionId: id });
  expect(outcome).toBe('failed');
  expect(await runningFfmpegs()).toEqual([]);
  expect(await deps.conversions.find(id)).toMatchObject({
    state: 'failed',
    error: { code: 'audio-too-large' },
  });
  expect(await filesLeft()).toEqual([]);
});
