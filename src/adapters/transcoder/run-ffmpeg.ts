import { Unavailable, UnusableMedia } from '../../domain/errors.ts';
import type { MediaSource } from '../../ports/transcoder.ts';
import { type FfmpegExit, startFfmpeg } from './ffmpeg-process.ts';
import { emptyReport, type FfmpegReport, reportWith } from './ffmpeg-report.ts';
import { doneSeconds, type OutputEnd, watchOutputEnd } from './progress.ts';
import { serveRanges } from './range-server.ts';
import { type StallWatch, watchForStall } from './stall-watch.ts';

/** What every run of ffmpeg over one source has in common. */
export interface FfmpegSetting {
  /** `undefined`: none was found. */
  readonly ffmpegPath: string | undefined;
  /** How long ffmpeg may neither read, nor write, nor get on. */
  readonly stallTimeoutMs: number;
  readonly source: MediaSource;
  readonly signal: AbortSignal;
}

export interface FfmpegRun extends FfmpegSetting {
  readonly argumentsFor: (sourceUrl: string) => readonly string[];
  /** Called when ffmpeg has ended by itself, before the loop ends. */
  readonly onEnd: (ending: FfmpegEnding) => void;
  /** So many seconds of the output are done. */
  readonly onDone?: ((seconds: number) => void) | undefined;
}

export interface FfmpegEnding {
  readonly exit: FfmpegExit;
  readonly report: FfmpegReport;
  /** What is missing of the output, in words; `undefined` when all that ffmpeg wrote has come. */
  readonly loss: string | undefined;
}

/**
 * Lets ffmpeg work on a source that it reads by ranges from this process; yields what it writes to
 * its standard output. However the loop ends, no process and no socket is left.
 *
 * @throws what reading the source threw, the signal's reason, or `Unavailable('ffmpeg')` when ffmpeg
 *   is not there or does not get on. How it ended otherwise is for the caller to judge.
 */
export async function* runFfmpeg(run: FfmpegRun): AsyncGenerator<Uint8Array> {
  run.signal.throwIfAborted();
  if (run.ffmpegPath === undefined) throw ffmpegNotFound();
  if (run.source.sizeBytes === 0) {
    throw new UnusableMedia('unreadable-media', 'This file is empty.');
  }
  const stop = new AbortController();
  const stall = watchForStall(run.stallTimeoutMs, () => {
    stop.abort(new Unavailable('ffmpeg', { cause: new Error('ffmpeg does not get on') }));
  });
  const server = await serveRanges(run.source, {
    onRead: () => stall.touch(),
    onSourceError: (error) => stop.abort(error),
  });
  try {
    const signal = AbortSignal.any([run.signal, stop.signal]);
    yield* runProcess(run, run.ffmpegPath, server.url, signal, stall);
  } finally {
    stall.pause();
    await server.close();
  }
}

async function* runProcess(
  run: FfmpegRun,
  ffmpegPath: string,
  sourceUrl: string,
  signal: AbortSignal,
  stall: StallWatch,
): AsyncGenerator<Uint8Array> {
  signal.throwIfAborted();
  let report = emptyReport;
  let receivedBytes = 0;
  const output = watchOutputEnd();
  const onProgress = progressReader(run, stall);
  const ffmpeg = startFfmpeg(ffmpegPath, run.argumentsFor(sourceUrl), {
    onMessage(line) {
      report = reportWith(report, line);
    },
    onProgress(line) {
      output.add(line);
      onProgress(line);
    },
  });
  signal.addEventListener('abort', ffmpeg.kill, { once: true });
  try {
    for await (const piece of ffmpeg.audio) {
      stall.pause();
      receivedBytes += piece.length;
      yield piece;
      stall.resume();
    }
    const exit = await ffmpeg.ended;
    signal.throwIfAborted();
    run.onEnd({ exit, report, loss: lossOf(output.end(), receivedBytes) });
  } finally {
    signal.removeEventListener('abort', ffmpeg.kill);
    ffmpeg.kill();
    ffmpeg.audio.destroy();
    await ffmpeg.ended;
  }
}

/** An exit code of 0 does not say that all of the output was written, nor that all of it has come. */
function lossOf(end: OutputEnd | undefined, receivedBytes: number): string | undefined {
  if (end === undefined) return 'ffmpeg has not said that its output ended';
  if (end.sizeBytes === undefined || end.sizeBytes === receivedBytes) return undefined;
  return `ffmpeg wrote ${end.sizeBytes} bytes, of which ${receivedBytes} have come`;
}

function progressReader({ onDone }: FfmpegRun, stall: StallWatch): (line: string) => void {
  let lastSeconds = 0;
  return (line) => {
    const seconds = doneSeconds(line);
    if (seconds === undefined) return;
    if (seconds > lastSeconds) stall.touch();
    lastSeconds = seconds;
    onDone?.(seconds);
  };
}

/** Runs to the end, for what it reports and for the first of what it writes. */
export async function runToEnd(
  run: Omit<FfmpegRun, 'onEnd'>,
  maxOutputBytes: number,
): Promise<FfmpegEnding & { readonly output: Buffer }> {
  let ending: FfmpegEnding | undefined;
  const onEnd = (ended: FfmpegEnding) => {
    ending = ended;
  };
  const pieces: Uint8Array[] = [];
  let room = maxOutputBytes;
  for await (const piece of runFfmpeg({ ...run, onEnd })) {
    pieces.push(piece.subarray(0, room));
    room = Math.max(0, room - piece.length);
  }
  if (ending === undefined) throw new Error('ffmpeg has not ended');
  return { ...ending, output: Buffer.concat(pieces) };
}

/** An ending that says nothing about the source. */
export function failureOf({ exit, report, loss }: FfmpegEnding): Unavailable {
  const ending = exit.signal ?? (exit.code === 0 && loss !== undefined ? loss : exit.code);
  const cause = exit.error ?? new Error(`${ending}\n${report.lastLines.join('\n')}`);
  return new Unavailable('ffmpeg', { cause });
}

export function ffmpegNotFound(): Unavailable {
  return new Unavailable('ffmpeg', { cause: new Error('no ffmpeg was found') });
}
