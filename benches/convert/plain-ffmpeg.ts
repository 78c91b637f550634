import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Measure } from './measure.ts';
import { childrenCpuMs, watchMemory } from './proc.ts';

/** Measures `ffmpeg -i <video> -vn -q:a 2 <mp3>`, as somebody types it who has the video on the disk. */
export async function measurePlainFfmpeg(
  program: string,
  files: { readonly video: string; readonly mp3: string },
  signal: AbortSignal,
): Promise<Measure> {
  // The layer's ffmpeg opens no file by its name, but takes one that is open, and seeks in it.
  const [from, to] = (await opensFiles(program)) ? [files.video, files.mp3] : ['fd:', 'fd:'];
  const video = await open(files.video, 'r');
  const mp3 = await open(files.mp3, 'w');
  try {
    const args = ['-nostdin', '-v', 'error', '-y', '-i', from, '-vn', '-q:a', '2', '-f', 'mp3', to];
    const cpuBefore = childrenCpuMs();
    const startedAt = performance.now();
    const stdio = [video.fd, mp3.fd, 'inherit'] as const;
    const ffmpeg = spawn(program, args, { stdio: [...stdio], signal, killSignal: 'SIGKILL' });
    const memory = watchMemory(ffmpeg.pid ?? 0, program);
    try {
      const [code] = await once(ffmpeg, 'exit');
      if (code !== 0) throw new Error(`${program} ended with ${code} on ${files.video}`);
    } finally {
      memory.stop();
    }
    const wallMs = performance.now() - startedAt;
    return { wallMs, cpuMs: childrenCpuMs() - cpuBefore, ffmpegBytes: memory.stop() };
  } finally {
    await Promise.all([video.close(), mp3.close()]);
    await rm(files.mp3);
  }
}

async function opensFiles(program: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)(program, ['-hide_banner', '-protocols']);
  return /^ *file$/m.test(stdout);
}
