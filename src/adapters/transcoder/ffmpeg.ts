import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Unavailable, UnusableMedia } from '../../domain/errors.ts';
import type { TranscodeJob, TranscodeResult, Transcoder } from '../../ports/transcoder.ts';
import { ffmpegArguments } from './ffmpeg-arguments.ts';
import { type FfmpegExit, startFfmpeg } from './ffmpeg-process.ts';
import { createMp3Head, type Mp3Head } from './mp3-head.ts';
import { doneSeconds, fractionDone } from './progress.ts';
import { serveRanges } from './range-server.ts';
import {
  emptyReport,
  type FfmpegReport,
  reportWith,
  unusableMediaIn,
  warningsOf,
} from './source-facts.ts';
import { type StallWatch, watchForStall } from './stall-watch.ts';

const VERSION_TIMEOUT_MS = 10_000;
const STALL_TIMEOUT_MS = 60_000;

export interface FfmpegTranscoderOptions {
  /** `undefined`: none was found, and every call says so. */
  readonly ffmpegPath: string | undefined;
  /** How long ffmpeg may neither read, nor write, nor get on. */
  readonly stallTimeoutMs?: number | undefined;
}

/** Lets ffmpeg make the MP3, from a source that it reads by ranges from this process. */
export function createFfmpegTranscoder({
  ffmpegPath,
  stallTimeoutMs = STALL_TIMEOUT_MS,
}: FfmpegTranscoderOptions): Transcoder {
  return {
    toMp3(job) {
      const head = createMp3Head();
      let result: TranscodeResult | undefined;
      const onResult = (ready: TranscodeResult) => {
        result = ready;
      };
      return {
        audio: convert({ ffmpegPath, stallTimeoutMs, job, head, onResult }),
        head,
        result() {
          if (result === undefined) throw new Error('the audio has not ended');
          return result;
        },
      };
    },

    async version() {
      const options = { env: {}, timeout: VERSION_TIMEOUT_MS };
      if (ffmpegPath === undefined) throw notFound();
      try {
        const { stdout } = await promisify(execFile)(ffmpegPath, ['-version'], options);
        return stdout.split('\n', 1)[0] ?? '';
      } catch (cause) {
        throw new Unavailable('ffmpeg', { cause });
      }
    },
  };
}

function notFound(): Unavailable {
  return new Unavailable('ffmpeg', { cause: new Error('no ffmpeg was found') });
}

interface Conversion {
  readonly ffmpegPath: string | undefined;
  readonly stallTimeoutMs: number;
  readonly job: TranscodeJob;
  readonly head: Mp3Head;
  readonly onResult: (result: TranscodeResult) => void;
}

/** What a running conversion is stopped by, from inside as by its job's signal from outside. */
interface Running extends Conversion {
  readonly stop: AbortController;
  readonly signal: AbortSignal;
  readonly stall: StallWatch;
}

async function* convert(conversion: Conversion): AsyncGenerator<Uint8Array> {
  const { source, signal: jobSignal } = conversion.job;
  jobSignal.throwIfAborted();
  if (source.sizeBytes === 0) throw new UnusableMedia('unreadable-media', 'This file is empty.');
  const stop = new AbortController();
  const signal = AbortSignal.any([jobSignal, stop.signal]);
  const stall = watchForStall(conversion.stallTimeoutMs, () => {
    stop.abort(new Unavailable('ffmpeg', { cause: new Error('ffmpeg does not get on') }));
  });
  const server = await serveRanges(source, {
    onRead: () => stall.touch(),
    onSourceError: (error) => stop.abort(error),
  });
  try {
    yield* runFfmpeg({ ...conversion, stop, signal, stall }, server.url);
  } finally {
    stall.pause();
    await server.close();
  }
}

async function* runFfmpeg(running: Running, sourceUrl: string): AsyncGenerator<Uint8Array> {
  const { job, head, signal, stall } = running;
  signal.throwIfAborted();
  if (running.ffmpegPath === undefined) throw notFound();
  let report = emptyReport;
  const ffmpeg = startFfmpeg(running.ffmpegPath, ffmpegArguments(sourceUrl, job.options), {
    onMessage(line) {
      report = reportWith(report, line);
    },
    onProgress: progressReporter(job, stall, () => report),
  });
  signal.addEventListener('abort', ffmpeg.kill, { once: true });
  try {
    for await (const piece of ffmpeg.audio) {
      head.add(piece);
      stall.pause();
      yield piece;
      stall.resume();
    }
    const exit = await ffmpeg.ended;
    signal.throwIfAborted();
    running.onResult(resultOf(report, exit, head));
  } finally {
    signal.removeEventListener('abort', ffmpeg.kill);
    ffmpeg.kill();
    ffmpeg.audio.destroy();
    await ffmpeg.ended;
  }
}

function progressReporter(job: TranscodeJob, stall: StallWatch, report: () => FfmpegReport) {
  let lastSeconds = 0;
  return (line: string): void => {
    const done = doneSeconds(line);
    if (done === undefined) return;
    if (done > lastSeconds) stall.touch();
    lastSeconds = done;
    job.onProgress({
      doneSeconds: done,
      fraction: fractionDone(done, report().facts.durationSeconds),
    });
  };
}

function resultOf(report: FfmpegReport, exit: FfmpegExit, head: Mp3Head): TranscodeResult {
  if (exit.code !== 0 || head.frames === 0) {
    const cause =
      exit.error ?? new Error(`${exit.signal ?? exit.code}\n${report.lastLines.join('\n')}`);
    throw unusableMediaIn(report, exit.code) ?? new Unavailable('ffmpeg', { cause });
  }
  const { durationSeconds } = head.end(report.encodedSamples);
  return { durationSeconds, source: report.facts, warnings: warningsOf(report, durationSeconds) };
}
