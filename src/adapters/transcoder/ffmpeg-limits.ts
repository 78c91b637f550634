import { dirname, join } from 'node:path';
import { isRunnable } from './is-runnable.ts';

/** Part of util-linux, which Lambda's image is without. */
const PRLIMIT = '/usr/bin/prlimit';
/** Part of our layer: sets the same limits and takes more away (layers/ffmpeg/cage.c). */
const CAGE = 'ffmpeg-cage';

/** Two processors for as long as a function can live. */
const CPU_SECONDS = 2 * 15 * 60;
/**
 * Address space (Debian's ffmpeg with all its libraries needs 400 MB of it), no file larger than
 * nothing, few descriptors, no core dump. Not `nproc`: it counts the threads of every process of the
 * same user, this one's too, and root is exempt (getrlimit(2)).
 */
const LIMITS = [`--as=${1024 ** 3}`, '--fsize=0', '--nofile=64', '--core=0'];

export interface FfmpegLimits {
  /** Of all processors together. */
  readonly cpuSeconds?: number | undefined;
}

export interface Command {
  readonly program: string;
  readonly programArguments: readonly string[];
}

/** How ffmpeg is started so that it keeps within limits, with what there is to enforce them. */
export function withinLimits(
  { program: ffmpegPath, programArguments: ffmpegArguments }: Command,
  { cpuSeconds = CPU_SECONDS }: FfmpegLimits,
  prlimitPath = PRLIMIT,
): Command {
  const limits = [...LIMITS, `--cpu=${cpuSeconds}`];
  const cagePath = join(dirname(ffmpegPath), CAGE);
  if (isRunnable(cagePath)) {
    limits.push(...portOption(ffmpegArguments));
    return {
      program: cagePath,
      programArguments: [...limits, '--', ffmpegPath, ...ffmpegArguments],
    };
  }
  if (isRunnable(prlimitPath)) {
    return {
      program: prlimitPath,
      programArguments: [...limits, '--', ffmpegPath, ...ffmpegArguments],
    };
  }
  // The one that ffmpeg sets itself, where the system has such limits; memory has -max_alloc alone.
  const limit = ['-timelimit', String(cpuSeconds)];
  return { program: ffmpegPath, programArguments: [...limit, ...ffmpegArguments] };
}

/** Read off the arguments, so that what ffmpeg may connect to is what it was told to read. */
function portOption(ffmpegArguments: readonly string[]): string[] {
  const source = ffmpegArguments[ffmpegArguments.indexOf('-i') + 1] ?? '';
  return URL.canParse(source) ? [`--port=${new URL(source).port}`] : [];
}
