import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withinLimits } from '../../src/adapters/transcoder/ffmpeg-limits.ts';
import { tempDir } from '../support/temp-dir.ts';

const LIMITS = ['--as=1073741824', '--fsize=0', '--nofile=64', '--core=0', '--cpu=7'];
const runnable = process.execPath;

describe('the limits of ffmpeg', async () => {
  const folder = await tempDir('limits');
  const ffmpegArguments = ['-nostdin', '-i', 'http://127.0.0.1:4711/secret', 'pipe:1'];
  const ffmpegIn = (directory: string) => ({
    program: join(directory, 'ffmpeg'),
    programArguments: ffmpegArguments,
  });
  const ffmpeg = ffmpegIn(folder);

  it('are set by prlimit', () => {
    expect(withinLimits(ffmpeg, { cpuSeconds: 7 }, runnable)).toEqual({
      program: runnable,
      programArguments: [...LIMITS, '--', ffmpeg.program, ...ffmpegArguments],
    });
  });

  it('are what ffmpeg sets itself where there is no prlimit', () => {
    expect(withinLimits(ffmpeg, { cpuSeconds: 7 }, '/nowhere/prlimit')).toEqual({
      program: ffmpeg.program,
      programArguments: ['-timelimit', '7', ...ffmpegArguments],
    });
  });

  it('are set by the cage beside ffmpeg, with the only port that it may connect to', async () => {
    const layer = join(folder, 'layer');
    await mkdir(layer);
    await symlink(runnable, join(layer, 'ffmpeg-cage'));
    const caged = ffmpegIn(layer);
    expect(withinLimits(caged, { cpuSeconds: 7 }, runnable)).toEqual({
      program: join(layer, 'ffmpeg-cage'),
      programArguments: [...LIMITS, '--port=4711', '--', caged.program, ...ffmpegArguments],
    });
    const { programArguments } = withinLimits({ ...caged, programArguments: ['-version'] }, {});
    expect(programArguments.filter((argument) => argument.startsWith('--port'))).toEqual([]);
  });

  it('let nobody work for ever', () => {
    const { programArguments } = withinLimits(ffmpeg, {}, '/nowhere/prlimit');
    expect(programArguments.slice(0, 2)).toEqual(['-timelimit', '1800']);
  });
});
