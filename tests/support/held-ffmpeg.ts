import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface HeldFfmpeg {
  /** For `FFMPEG_PATH`. */
  readonly path: string;
  /** Whatever is started from now on waits. */
  hold(): Promise<void>;
  /** Whatever waits goes on, and whatever is started does not wait. */
  release(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * An ffmpeg that begins when it may: as long as it is held, every conversion stands still before its
 * first byte, and the video stays stored as it was uploaded.
 *
 * It reads a line from a gate before it becomes ffmpeg. Held, the gate is a FIFO that nobody writes to
 * (fifo(7)); released, it is a file with a line.
 */
export async function heldFfmpeg(directory: string, ffmpegPath: string): Promise<HeldFfmpeg> {
  const path = join(directory, 'ffmpeg');
  const gate = join(directory, 'gate');
  const next = join(directory, 'next-gate');
  /** The FIFOs of the past stay open: who was just about to read from one still gets its line. */
  const released: FileHandle[] = [];
  await writeFile(gate, '\n');
  const script = `#!/bin/sh\nread -r line < '${gate}'\nexec '${ffmpegPath}' "$@"\n`;
  await writeFile(path, script, { mode: 0o755 });

  return {
    path,
    async hold() {
      await promisify(execFile)('mkfifo', [next]);
      await rename(next, gate);
    },
    async release() {
      const fifo = await open(gate, constants.O_RDWR);
      released.push(fifo);
      await writeFile(next, '\n');
      await rename(next, gate);
      await fifo.write('\n'.repeat(1_000));
    },
    async dispose() {
      await Promise.all(released.map((fifo) => fifo.close()));
    },
  };
}
