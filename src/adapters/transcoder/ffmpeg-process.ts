import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { type FfmpegLimits, withinLimits } from './ffmpeg-limits.ts';
import { splitLines } from './lines.ts';

/** As long as a function can live. */
const TIMEOUT_MS = 15 * 60 * 1_000;

export interface FfmpegExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not even be started, or was ended from here. */
  readonly error?: Error | undefined;
}

export interface FfmpegProcess {
  readonly audio: Readable;
  /** Resolves when the process is gone and everything it said is read; never rejects. */
  readonly ended: Promise<FfmpegExit>;
  /** At once and for certain: ffmpeg has nothing to tidy up, it can write no file. */
  kill(): void;
}

export interface FfmpegOutput {
  readonly onMessage: (line: string) => void;
  readonly onProgress: (line: string) => void;
}

export interface FfmpegCage extends FfmpegLimits {
  /** From its start to its end, whatever it waits for. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Starts ffmpeg in a cage: a process group of its own, no environment, no shell, no standard input,
 * no descriptor of ours, and limits to what it can take, write and reach.
 */
export function startFfmpeg(
  ffmpegPath: string,
  ffmpegArguments: readonly string[],
  output: FfmpegOutput,
  { timeoutMs = TIMEOUT_MS, ...limits }: FfmpegCage = {},
): FfmpegProcess {
  const ffmpeg = { program: ffmpegPath, programArguments: ffmpegArguments };
  const { program, programArguments } = withinLimits(ffmpeg, limits);
  // Whatever Node opens, it opens so that no child inherits it (O_CLOEXEC).
  const child = spawn(program, programArguments, {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  onLines(child.stdio[2], output.onMessage);
  onLines(child.stdio[3], output.onProgress);
  const ended = endOf(child, timeoutMs);
  return { audio: readable(child.stdio[1]), ended, kill: () => killGroup(child) };
}

function onLines(stream: unknown, onLine: (line: string) => void): void {
  readable(stream).setEncoding('utf8').on('data', splitLines(onLine));
}

function readable(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  throw new TypeError('the process has no such output');
}

function endOf(child: ChildProcess, timeoutMs: number): Promise<FfmpegExit> {
  let ownEnd: Error | undefined;
  const timer = setTimeout(() => {
    ownEnd = new Error(`ffmpeg has not ended within ${timeoutMs / 1_000} s`);
    killGroup(child);
  }, timeoutMs);
  const exit = new Promise<FfmpegExit>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal, error: ownEnd }));
  });
  return exit.finally(() => clearTimeout(timer));
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself a moment ago.
  }
}
