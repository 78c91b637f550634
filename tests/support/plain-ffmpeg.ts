import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ConversionOptions } from '../../src/domain/media.ts';

/** @returns whether there is an MP3 */
export type PlainFfmpeg = (
  videoPath: string,
  mp3Path: string,
  options?: ConversionOptions,
) => Promise<boolean>;

/** What one would type, `ffmpeg -i video -vn -q:a 2 out.mp3`, for a program of one's choice. */
export async function plainFfmpeg(ffmpegPath: string): Promise<PlainFfmpeg> {
  const { stdout } = await promisify(execFile)(ffmpegPath, ['-v', 'error', '-protocols']);
  const opensFiles = /^ *file$/m.test(stdout);

  return async (videoPath, mp3Path, options = {}) => {
    const [video, mp3] = [await open(videoPath), await open(mp3Path, 'w+')];
    // Our own build can open no file, but seek in one that it is given.
    const [from, to] = opensFiles ? [videoPath, mp3Path] : ['fd:', 'fd:'];
    const typed = ['-i', from, '-vn', ...outputArguments(options), '-f', 'mp3', to];
    const ffmpeg = spawn(ffmpegPath, ['-v', 'error', '-nostdin', '-y', ...typed], {
      stdio: [video.fd, mp3.fd, 'ignore'],
    });
    const [exitCode] = await once(ffmpeg, 'close');
    const { size } = await mp3.stat();
    await Promise.all([video.close(), mp3.close()]);
    return exitCode === 0 && size > 0;
  };
}

function outputArguments(options: ConversionOptions): string[] {
  const { track, mono, bitrateKbps, quality = 'standard' } = options;
  const byQuality = { voice: ['-b:a', '64k'], standard: ['-q:a', '2'], high: ['-q:a', '0'] };
  const filters = trimFilters(options);
  return [
    ...(track === undefined ? [] : ['-map', `0:a:${track}`]),
    ...(filters.length === 0 ? [] : ['-af', filters.join()]),
    ...(mono || quality === 'voice' ? ['-ac', '1'] : []),
    ...(bitrateKbps === undefined ? byQuality[quality] : ['-b:a', `${bitrateKbps}k`]),
  ];
}

export function trimFilters({ startSeconds = 0, endSeconds }: ConversionOptions): string[] {
  return endSeconds === undefined ? [] : [`atrim=${startSeconds}:${endSeconds}`];
}
