import { once } from 'node:events';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import { encodeArguments } from '../../src/adapters/transcoder/ffmpeg-arguments.ts';
import { startFfmpeg } from '../../src/adapters/transcoder/ffmpeg-process.ts';
import { findFfmpeg } from '../../src/adapters/transcoder/find-ffmpeg.ts';
import { serveRanges } from '../../src/adapters/transcoder/range-server.ts';
import { SoundliftError } from '../../src/domain/errors.ts';
import type { ConversionOptions } from '../../src/domain/media.ts';
import { HOSTILE_FILES, MANY_SECONDS, SILENCES } from '../support/hostile-media.ts';
import { ffmpegPath as found, type SampleName, sample } from '../support/media.ts';
import { bytesSource, drain, jobOf } from '../support/media-source.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { mutant } from '../support/mutant.ts';
import { processTree } from '../support/processes.ts';
import { deedsOfFfmpeg, describeWithStrace } from '../support/system-calls.ts';
import { tempDir } from '../support/temp-dir.ts';

const MIB = 1024 * 1024;
const ffmpegPath = found ?? 'no ffmpeg';
/** One with every demuxer and protocol there is. */
const openFfmpegPath =
  findFfmpeg({ projectDirectory: '/nowhere', searchPath: process.env['PATH'] }) ?? 'no ffmpeg';

const folder = await tempDir('hostile');
const canary = { path: join(folder, 'canary.wav'), url: '' };
let connections = 0;
const canaryServer = createServer((socket) => {
  connections += 1;
  socket.destroy();
});

beforeAll(async () => {
  await copyFile(await sample('wav'), canary.path);
  await once(canaryServer.listen(0, '127.0.0.1'), 'listening');
  const address = canaryServer.address();
  canary.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/canary.wav`;
});
afterAll(() => canaryServer.close());

/** One of each container and codec that is read in a way of its own. */
const SPOILT: readonly SampleName[] = [
  ...([
    'mp4-index-at-end',
    'mp4-fragmented',
    'mov-pcm',
    'covered',
    'mkv-opus',
    'chapters',
  ] as const),
  ...(['webm', 'avi', 'mpegts', 'flv', 'mp3', 'flac-96khz-surround'] as const),
];

const transcoder = createFfmpegTranscoder({ ffmpegPath });

/** `mp3`, or the code of a named error; whatever else is thrown is a fault of ours. */
async function outcomeOf(content: string | Buffer, options: ConversionOptions = {}) {
  try {
    const { audio, head, result } = await transcoder.toMp3(
      jobOf(bytesSource(content), { options }),
    );
    await drain(audio);
    expect(head.complete()).toHaveLength(head.sizeBytes);
    expect(result().durationSeconds).toBeGreaterThan(0);
    return 'mp3';
  } catch (error) {
    if (error instanceof SoundliftError) return error.code;
    throw error;
  }
}

describe('a hostile file', () => {
  let processes: readonly number[];
  beforeAll(async () => {
    processes = await processTree(process.pid);
  });
  afterEach(async () => {
    expect(connections).toBe(0);
    expect(await processTree(process.pid)).toEqual(processes);
  });

  it.each(Object.entries(HOSTILE_FILES))('%s ends as it should', async (_, { content, ends }) => {
    expect(ends).toContain(await outcomeOf(await content(canary)));
  });

  it.each(Object.entries(SILENCES))('%s is as long as it says', async (_, content) => {
    const before = memoryInUse();
    const { audio, result } = await transcoder.toMp3(jobOf(bytesSource(await content())));
    await drain(audio);
    expect(result().durationSeconds).toBeCloseTo(3_600, 0);
    expect(memoryInUse() - before).toBeLessThan(16 * MIB);
  });

  it.each(SPOILT)('%s ends as an MP3 or a named error, wherever it is spoilt', async (name) => {
    const whole = await readFile(await sample(name));
    for (const seed of [1, 2, 3, 4, 5]) {
      const outcome = await outcomeOf(mutant(whole, seed), { cover: true });
      expect(outcome).toMatch(/^(mp3|unreadable-media|no-audio|unavailable)$/);
    }
  });
});

it('27 hours of sound in half a megabyte take no more time and memory than is allowed', async () => {
  const source = bytesSource(await MANY_SECONDS());
  const server = await serveRanges(source, { onRead() {}, onSourceError() {} });
  const before = await processTree(process.pid);
  const output = { onMessage() {}, onProgress() {} };
  const bomb = encodeArguments(server.url, {}, undefined);
  const { audio, ended } = startFfmpeg(ffmpegPath, bomb, output, { cpuSeconds: 1 });
  let residentKib = 0;
  for await (const _ of audio) {
    const [pid] = (await processTree(process.pid)).filter((process) => !before.includes(process));
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    residentKib = Math.max(residentKib, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
  }
  expect(await ended).not.toMatchObject({ code: 0 });
  expect(residentKib * 1024).toBeGreaterThan(MIB);
  expect(residentKib * 1024).toBeLessThan(256 * MIB);
  await server.close();
});

/** glibc asks, before it gives memory back: malloc/arena.c, `shrink_heap`. */
const OF_MALLOC = 'open /proc/sys/vm/overcommit_memory';
const TCP = 'socket AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP';

describeWithStrace('what ffmpeg does with a hostile file (by strace)', () => {
  const path = join(folder, 'upload.mp4');
  let harmless: ReadonlySet<string>;
  beforeAll(async () => {
    // Names in a transport stream are in any of many alphabets, of which the system has the tables.
    const samples = [await sample('mp4-index-at-end'), await sample('mpegts')];
    const deeds = await Promise.all(samples.map((file) => deedsOfFfmpeg(ffmpegPath, file)));
    harmless = new Set([...deeds.flat(), OF_MALLOC]);
  });

  it.each(Object.entries(HOSTILE_FILES))('%s makes it do nothing else', async (_, { content }) => {
    await writeFile(path, await content(canary));
    const deeds = await deedsOfFfmpeg(ffmpegPath, path);
    expect(deeds).toContain('connect source');
    expect(deeds.filter((deed) => !harmless.has(deed))).toEqual([]);
  });

  it('is to read its source, its own libraries, and what these ask the system', () => {
    const ofSystem = /^open \/(lib|usr\/lib|usr\/share|etc|proc|sys)\//;
    const others = [...harmless].filter((deed) => !ofSystem.test(deed));
    expect(others.toSorted()).toEqual(['connect source', TCP]);
  });

  it.skipIf(ffmpegPath === openFfmpegPath)(
    'is to open no file at all, if it is our own build',
    () => {
      expect([...harmless].filter((deed) => deed.startsWith('open'))).toEqual([OF_MALLOC]);
    },
  );

  const UNSAFE = ['-protocol_whitelist', 'file,http,tcp'];
  it.each([
    ['an HLS playlist of files', UNSAFE],
    ['an ffconcat script', [...UNSAFE, '-safe', '0']],
    [
      'a MOV with its sound in another file',
      [...UNSAFE, '-enable_drefs', '1', '-use_absolute_path', '1'],
    ],
  ])('would be to open what %s names, if its options were not safe', async (name, options) => {
    await writeFile(path, (await HOSTILE_FILES[name]?.content(canary)) ?? '');
    const deeds = await deedsOfFfmpeg(openFfmpegPath, path, options);
    expect(deeds).toContain(`open ${canary.path}`);
  });

  it('would be to connect to what a playlist names, if its options were not safe', async () => {
    const file = HOSTILE_FILES['an HLS playlist of addresses'];
    await writeFile(path, (await file?.content(canary)) ?? '');
    const deeds = await deedsOfFfmpeg(openFfmpegPath, path, UNSAFE);
    expect(deeds).toContain(`connect ${new URL(canary.url).host}`);
    expect(connections).toBeGreaterThan(0);
  });
});
