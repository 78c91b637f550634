import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import {
  type FfmpegCage,
  type FfmpegProcess,
  startFfmpeg,
} from '../../src/adapters/transcoder/ffmpeg-process.ts';
import type { MediaSource } from '../../src/ports/transcoder.ts';
import { ffmpegPath as found } from '../support/media.ts';
import { jobOf, silentWav } from '../support/media-source.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { processTree } from '../support/processes.ts';
import { tempDir } from '../support/temp-dir.ts';

const ffmpegPath = found ?? 'no ffmpeg';
const MIB = 1024 * 1024;

interface Started extends FfmpegProcess {
  readonly messages: readonly string[];
  readonly progress: readonly string[];
}

/** Any program can be put into the cage, and small ones show more of it than ffmpeg. */
function start(program: string, args: readonly string[], cage: FfmpegCage = {}): Started {
  const messages: string[] = [];
  const progress: string[] = [];
  const onMessage = (line: string) => void messages.push(line);
  const onProgress = (line: string) => void progress.push(line);
  return { ...startFfmpeg(program, args, { onMessage, onProgress }, cage), messages, progress };
}

const shell = (script: string, cage?: FfmpegCage) => start('/bin/sh', ['-c', script], cage);

async function textOf({ audio }: Started): Promise<string> {
  return (await audio.setEncoding('utf8').toArray()).join('');
}

async function children(): Promise<number[]> {
  return (await processTree(process.pid)).slice(1);
}

describe.skipIf(!existsSync('/usr/bin/prlimit'))('the cage of ffmpeg', () => {
  it('has no environment, no standard input and a group of its own', async () => {
    const before = await children();
    const { audio, ended, kill } = start('/bin/cat', ['/dev/zero']);
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

  it('has three outputs, and nothing that this process has open', async () => {
    const path = join(await tempDir('cage'), 'secret');
    await using file = await open(path, 'w');
    const [, ...descriptors] = (await textOf(start('/bin/ls', ['-l', '/proc/self/fd']))).split(
      '\n',
    );
    expect(descriptors.filter((line) => /pipe:|socket:/.test(line)).length).toBeGreaterThanOrEqual(
      3,
    );
    expect(descriptors.join()).not.toContain(path);
    expect(file.fd).toBeGreaterThan(3);
    expect(await textOf(start('/bin/cat', []))).toBe('');
  });

  it('has little memory, little time, few descriptors, no core dump, and no file larger than nothing', async () => {
    const columns = ['--raw', '--noheadings', '--output=RESOURCE,SOFT,HARD'];
    const limits = (await textOf(start('/usr/bin/prlimit', columns, { cpuSeconds: 7 }))).split(
      '\n',
    );
    for (const [limit, most] of Object.entries({
      AS: 1024 * MIB,
      CPU: 7,
      CORE: 0,
      FSIZE: 0,
      NOFILE: 64,
    })) {
      expect(limits).toContain(`${limit} ${most} ${most}`);
    }
  });

  it('lets it write no file', async () => {
    const folder = await tempDir('cage');
    const { ended } = shell(`echo sound >${join(folder, 'sound.wav')}`);
    expect(await ended).not.toMatchObject({ code: 0 });
    for (const name of await readdir(folder)) {
      expect(await readFile(join(folder, name))).toHaveLength(0);
    }
  });

  it('ends what takes more of the processor than it may', async () => {
    const busy = shell('while :; do :; done', { cpuSeconds: 1 });
    busy.audio.resume();
    expect(await busy.ended).toMatchObject({
      code: null,
      signal: expect.stringMatching(/KILL|XCPU/),
    });
  });

  it('ends what takes longer than it may, with all that it has started', async () => {
    const before = await children();
    const idle = shell('cat /dev/zero & cat >&3 /dev/zero', { timeoutMs: 200 });
    idle.audio.resume();
    const { signal, error } = await idle.ended;
    expect(signal).toBe('SIGKILL');
    expect(error?.message).toBe('ffmpeg has not ended within 0.2 s');
    expect(await children()).toEqual(before);
  });

  it('keeps little of a line that does not end', async () => {
    const before = memoryInUse();
    const endless = shell(
      'head -c 104857600 /dev/zero >&2; head -c 104857600 /dev/zero >&3; echo >&2; echo >&3',
    );
    endless.audio.resume();
    expect(await endless.ended).toMatchObject({ code: 0 });
    expect(endless.messages.map(({ length }) => length)).toEqual([4_096]);
    expect(endless.progress.map(({ length }) => length)).toEqual([4_096]);
    expect(memoryInUse() - before).toBeLessThan(8 * MIB);
  });

  it('says what went wrong when there is nothing to start', async () => {
    const gone = start('/nowhere/ffmpeg', []);
    gone.audio.resume();
    const { code, error } = await gone.ended;
    expect(code).not.toBe(0);
    expect(`${gone.messages.join()} ${error}`).toContain('/nowhere/ffmpeg');
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
    const started = transcoder.toMp3(jobOf(hanging));
    await expect(started).rejects.toMatchObject({ code: 'unavailable', part: 'ffmpeg' });
    expect(await children()).toEqual(before);
  });

  it('can be aborted', async () => {
    const before = await children();
    const abort = new AbortController();
    const reason = new Error('enough');
    const transcoder = createFfmpegTranscoder({ ffmpegPath });
    const ended = transcoder.toMp3(jobOf(hanging, { signal: abort.signal }));
    ended.catch(() => {});
    await expect.poll(children).not.toEqual(before);
    abort.abort(reason);
    await expect(ended).rejects.toBe(reason);
    expect(await children()).toEqual(before);
  });

  it('is not one whose reader takes its time', async () => {
    const transcoder = createFfmpegTranscoder({ ffmpegPath, stallTimeoutMs: 1_000 });
    const { audio, result } = await transcoder.toMp3(jobOf(silentWav(20 * MIB)));
    const startedAt = performance.now();
    let isFirst = true;
    for await (const _ of audio) {
      while (isFirst && performance.now() - startedAt < 2_000) await setImmediate();
      isFirst = false;
    }
    expect(result().durationSeconds).toBeGreaterThan(200);
  });
});
