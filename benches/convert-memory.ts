/**
 * Converts a video of 10 MB and one of 1 GB, each in a process of its own, and compares what that
 * takes: `node benches/convert-memory.ts`. Linux only. Fails when the large one takes more than 64 MB
 * more of memory or of disk.
 */
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createFfmpegTranscoder } from '../src/adapters/transcoder/ffmpeg.ts';
import { ffmpegPath, writeLongVideo } from '../tests/support/media.ts';

const MB = 1_000_000;
const PROMISED_MB = 64;
const POLL_EVERY_MS = 50;

interface Measure {
  videoMb: number;
  soundSeconds: number;
  mp3Mb: number;
  tookSeconds: number;
  nodeMb: number;
  ffmpegMb: number;
  /** Written to the disk by Node, without the MP3, and by ffmpeg. */
  scratchMb: number;
}

const [videoPath] = process.argv.slice(2);
if (videoPath === undefined) await compare();
else console.log(JSON.stringify(await measure(videoPath)));

async function compare(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'soundlift-bench-'));
  try {
    const rows: Record<string, Measure> = {};
    for (const [name, times] of Object.entries({ small: 1, large: 100 })) {
      const path = join(folder, `${name}.mp4`);
      await writeLongVideo(path, times);
      const self = [fileURLToPath(import.meta.url), path];
      const { stdout } = await promisify(execFile)(process.execPath, self);
      rows[name] = JSON.parse(stdout);
    }
    console.table(rows);
    report(rows);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function report({ small, large }: Record<string, Measure>): void {
  if (small === undefined || large === undefined) throw new Error('nothing was measured');
  const memoryMb = large.nodeMb + large.ffmpegMb - small.nodeMb - small.ffmpegMb;
  const diskMb = large.scratchMb - small.scratchMb;
  console.log(`The large one takes ${memoryMb.toFixed(1)} MB more memory (Node and ffmpeg),`);
  console.log(`and ${diskMb.toFixed(1)} MB more disk beside its MP3. Promised: ${PROMISED_MB} MB.`);
  if (Math.max(memoryMb, diskMb) > PROMISED_MB) process.exitCode = 1;
}

async function measure(path: string): Promise<Measure> {
  const { size: sizeBytes } = await stat(path);
  const { audio, head, result } = await createFfmpegTranscoder({ ffmpegPath }).toMp3({
    fileName: 'large.mp4',
    source: {
      sizeBytes,
      readRange: ({ start, end }) => createReadStream(path, { start, end: end - 1 }),
    },
    options: {},
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const startedAt = performance.now();
  const ffmpeg = watchChild();
  const mp3 = await open(`${path}.mp3`, 'w');
  let mp3Bytes = head.sizeBytes;
  for await (const piece of audio) {
    await mp3.write(piece, 0, piece.length, mp3Bytes);
    mp3Bytes += piece.length;
  }
  await mp3.write(head.complete(), 0, head.sizeBytes, 0);
  await mp3.close();
  const { peakMb, writtenMb } = ffmpeg.stop();
  return {
    videoMb: rounded(sizeBytes / MB),
    soundSeconds: rounded(result().durationSeconds),
    mp3Mb: rounded(mp3Bytes / MB),
    tookSeconds: rounded((performance.now() - startedAt) / 1_000),
    nodeMb: rounded((process.resourceUsage().maxRSS * 1_024) / MB),
    ffmpegMb: rounded(peakMb),
    scratchMb: rounded(Math.max(0, (await writtenMbBy('self')) - mp3Bytes / MB) + writtenMb),
  };
}

/** Looks at the one child of this process again and again, for as long as it lives. */
function watchChild(): { stop(): { peakMb: number; writtenMb: number } } {
  const seen = { peakMb: 0, writtenMb: 0 };
  const timer = setInterval(async () => {
    const tasks = await readdir('/proc/self/task');
    const lists = tasks.map((task) => read(`/proc/self/task/${task}/children`));
    const [pid] = (await Promise.all(lists)).join(' ').trim().split(/\s+/);
    if (!pid) return;
    const peakKib = /VmHWM:\s+(\d+)/.exec(await read(`/proc/${pid}/status`))?.[1] ?? 0;
    seen.peakMb = Math.max(seen.peakMb, (Number(peakKib) * 1_024) / MB);
    seen.writtenMb = Math.max(seen.writtenMb, await writtenMbBy(pid));
  }, POLL_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return seen;
    },
  };
}

async function writtenMbBy(pid: string): Promise<number> {
  const bytes = /^write_bytes: (\d+)/m.exec(await read(`/proc/${pid}/io`))?.[1] ?? 0;
  return Number(bytes) / MB;
}

/** A process may be gone at any time. */
function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
