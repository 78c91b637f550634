import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { tempDir } from './temp-dir.ts';

export interface SmallDisk {
  readonly directory: string;
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives that room back. */
  makeRoom(): void;
}

/**
 * A file system of a few MiB in memory, for the tests of the calling suite. Mounting one is root's
 * privilege (mount(2)).
 *
 * @returns `undefined` where this process may not
 */
export async function smallDisk(sizeMib: number): Promise<SmallDisk | undefined> {
  const directory = join(await tempDir('small-disk'), 'disk');
  mkdirSync(directory);
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', directory];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  afterAll(() => execFileSync('umount', ['--lazy', directory]));
  const ballast = join(directory, 'ballast');
  return {
    directory,
    fill() {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(ballast, Buffer.alloc(bavail * bsize));
    },
    makeRoom: () => rmSync(ballast),
  };
}
