import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import { type FfmpegProcess, startFfmpeg } from '../../src/adapters/transcoder/ffmpeg-process.ts';
import type { MediaSource } from '../../src/ports/transcoder.ts';
import { ffmpegPath as found } from '../support/media.ts';
import { drain, jobOf, silentWav } from '../support/media-source.ts';
import { processTree } from '../support/processes.ts';
import { tempDir } from '../support/temp-dir.ts';

const ffmpegPath = found ?? 'no ffmpeg';
const ENDLESS = ['-f', 'lavfi', '-i', 'anullsrc', '-f', 'wav', 'pipe:1'];
const MIB = 1024 * 1024;

function start(args: readonly string[]): FfmpegProcess & { messages: string[] } {
  const messages: string[] = [];
  const onMessage = (line: string) => void messages.push(line);
  const started = startFfmpeg(ffmpegPath, ['-nostdin', ...args], { onMessage, onProgress() {} });
  return { ...started, messages };
}

async function children(): Promise<number[]> {
  return (await processTree(process.pid)).slice(1);
}

describe('the cage of ffmpeg', () => {
  it('has no environment, no standard input and a group of its own', async () => {
    const before = await children();
    const { audio, ended, kill } = start(ENDLESS);
    await once(audio, 'readable');
    const [pid = 0] = (await children()).filter((child) => !before.includes(child));
    expect(await readFile(`/proc/${pid}/environ`, 'utf8')).toBe('');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    expect(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]).toBe(String(pid));
    kill();
    audio.resume();
    expect(await ended).toEqual({ code: null, signal: 'SIGKILL' });
    kill();
    expect(await children()).toEqual(before);
  });

  it.skipIf(!existsSync('/usr/bin/prlimit'))('lets it write no file (by prlimit)', async () => {
    const folder = await tempDir('cage');
    const path = join(folder, 'sound.wav');
    const { audio, ended } = start(['-f', 'lavfi', '-i', 'anullsrc=d=1', path]);
    audio.resume();
    expect((await ended).code).not.toBe(0);
    for (const name of await readdir(folder)) {
      expect(await readFile(join(folder, name))).toHaveLength(0);
    }
  });

  it('says what went wrong when there is nothing to start', async () => {
    const messages: string[] = [];
    const onMessage = (line: string) => void messages.push(line);
    const gone = startFfmpeg('/nowhere/ffmpeg', [], { onMessage, onProgress() {} });
    gone.audio.resume();
    const { code, error } = await gone.ended;
    expect(code).not.toBe(0);
    expect(`${messages.join()} ${error}`).toContain('/nowhere/ffmpeg');
  });
});

describe('a conversion that does not get on', () => {
  const hanging: MediaSource = {
    sizeBytes: 1_000,
    async *readRange() {
      yield new Uint8Array(10);
      await new Promise(() => {});
    },
  };

  it('is given up as unavailable after a while', async () => {
    const before = await children();
    const transcoder = createFfmpegTranscoder({ ffmpegPath, stallTimeoutMs: 500 });
    const { audio } = transcoder.toMp3(jobOf(hanging));
    await expect(drain(audio)).rejects.toMatchObject({ code: 'unavailable', part: 'ffmpeg' });
    expect(await children()).toEqual(before);
  });

  it('can be aborted', async () => {
    const before = await children();
    const abort = new AbortController();
    const reason = new Error('enough');
    const transcoder = createFfmpegTranscoder({ ffmpegPath });
    const ended = drain(transcoder.toMp3(jobOf(hanging, { signal: abort.signal })).audio);
    ended.catch(() => {});
    await expect.poll(children).not.toEqual(before);
    const abortedAt = performance.now();
    abort.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(performance.now() - abortedAt).toBeLessThan(2_000);
    expect(await children()).toEqual(before);
  });

  it('is not one whose reader takes its time', async () => {
    const transcoder = createFfmpegTranscoder({ ffmpegPath, stallTimeoutMs: 200 });
    const { audio, result } = transcoder.toMp3(jobOf(silentWav(20 * MIB)));
    const startedAt = performance.now();
    let isFirst = true;
    for await (const _ of audio) {
      while (isFirst && performance.now() - startedAt < 1_000) await setImmediate();
      isFirst = false;
    }
    expect(result().durationSeconds).toBeGreaterThan(200);
  });
});
