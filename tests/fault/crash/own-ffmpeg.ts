import { copyFileSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { readdir, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ffmpegPath } from '../../support/media.ts';

const PATIENCE_MS = 5_000;
/** The program, and the one that starts it within limits. */
const PROGRAMS = ['ffmpeg', 'ffmpeg-cage'];

/** A copy of ffmpeg that nobody else starts, so that whatever runs of it is known (Linux: from /proc). */
export interface OwnFfmpeg {
  /** For `FFMPEG_PATH`. */
  readonly path: string;
  /** Those that run although nobody converts any more; the ones that are just ending are waited for. */
  leftOver(patienceMs?: number): Promise<string[]>;
  remove(): void;
}

/** @throws {Error} when there is no ffmpeg to copy */
export function ownFfmpeg(): OwnFfmpeg {
  if (ffmpegPath === undefined) throw new Error('there is no ffmpeg');
  const folder = dirname(realpathSync(ffmpegPath));
  const directory = mkdtempSync(join(tmpdir(), 'soundlift-own-ffmpeg-'));
  for (const name of PROGRAMS) {
    const program = join(folder, name);
    if (existsSync(program)) copyFileSync(program, join(directory, name));
  }

  async function running(): Promise<string[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const programs = await Promise.all(
      // Those that have ended meanwhile, or are somebody else's, have no link to read.
      pids.map((pid) => readlink(`/proc/${pid}/exe`).catch(() => '')),
    );
    return programs.flatMap((program, index) =>
      dirname(program) === directory ? [`${basename(program)} ${pids[index]}`] : [],
    );
  }

  return {
    path: join(directory, 'ffmpeg'),
    async leftOver(patienceMs = PATIENCE_MS) {
      const untilMs = Date.now() + patienceMs;
      let found = await running();
      while (found.length > 0 && Date.now() < untilMs) {
        await setTimeout(20);
        found = await running();
      }
      return found;
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}
