import { chmodSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join, resolve } from 'node:path';
import { isRunnable } from './is-runnable.ts';

export interface FfmpegPlaces {
  /** Taken as it is when given: whoever names a program wants that one or an error. */
  readonly ffmpegPath?: string | undefined;
  /** Folders that hold unpacked Lambda layers, where that is not `/opt`. */
  readonly layerDirectories?: readonly string[] | undefined;
  /** Holds `layers/` and `node_modules/`; the working directory unless given. */
  readonly projectDirectory?: string | undefined;
  /** The system's `PATH`. */
  readonly searchPath?: string | undefined;
}

/** The path of the first ffmpeg there is: named, in a layer, built here, from npm, the system's. */
export function findFfmpeg({
  ffmpegPath,
  layerDirectories = [],
  projectDirectory = process.cwd(),
  searchPath = '',
}: FfmpegPlaces): string | undefined {
  if (ffmpegPath) return ffmpegPath;
  // What is built for Lambda runs on Linux alone.
  const built = process.platform === 'linux' ? [join(projectDirectory, 'layers/ffmpeg')] : [];
  const inLayer = ['/opt', ...layerDirectories, ...built]
    .map((directory) => join(directory, 'bin/ffmpeg'))
    .find(isRunnableInLayer);
  if (inLayer !== undefined) return inLayer;
  const ofNpm = pathOfFfmpegStatic(projectDirectory);
  if (ofNpm !== undefined && isRunnable(ofNpm)) return ofNpm;
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';
  return searchPath
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find(isRunnable);
}

/** Emulated clouds unpack a layer without its run bits; the cage beside ffmpeg has lost them as well. */
function isRunnableInLayer(path: string): boolean {
  if (!existsSync(path)) return false;
  if (isRunnable(path)) return true;
  try {
    chmodSync(path, 0o755);
    if (existsSync(`${path}-cage`)) chmodSync(`${path}-cage`, 0o755);
    return true;
  } catch {
    return false;
  }
}

/** The package exports a path even when its install script, which downloads the file, did not run. */
function pathOfFfmpegStatic(projectDirectory: string): string | undefined {
  try {
    const load = createRequire(resolve(projectDirectory, 'package.json'));
    const path: unknown = load('ffmpeg-static');
    return typeof path === 'string' ? path : undefined;
  } catch {
    return undefined;
  }
}
