import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { splitLines } from './lines.ts';

/** Part of util-linux; runs a program within limits. */
const PRLIMIT = '/usr/bin/prlimit';
/**
 * Address space (Debian's ffmpeg with all its libraries needs 400 MB of it), no file larger than
 * nothing, few descriptors, no core dump.
 */
const LIMITS = [`--as=${1024 ** 3}`, '--fsize=0', '--nofile=64', '--core=0'];

export interface FfmpegExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not even be started. */
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

/**
 * Starts ffmpeg in a cage: a process group of its own, no environment, no shell, no standard input,
 * and on Linux limits to what it can take and write.
 */
export function startFfmpeg(
  ffmpegPath: string,
  ffmpegArguments: readonly string[],
  output: FfmpegOutput,
): FfmpegProcess {
  const isLimited = existsSync(PRLIMIT);
  const command = isLimited ? PRLIMIT : ffmpegPath;
  const limits = isLimited ? [...LIMITS, '--', ffmpegPath] : [];
  const child = spawn(command, [...limits, ...ffmpegArguments], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  onLines(child.stdio[2], output.onMessage);
  onLines(child.stdio[3], output.onProgress);
  return { audio: readable(child.stdio[1]), ended: endOf(child), kill: () => killGroup(child) };
}

function onLines(stream: unknown, onLine: (line: string) => void): void {
  readable(stream).setEncoding('utf8').on('data', splitLines(onLine));
}

function readable(stream: unknown): Readable {
  if (stream instanceof Readable) return stream;
  throw new TypeError('the process has no such output');
}

function endOf(child: ChildProcess): Promise<FfmpegExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself a moment ago.
  }
}
