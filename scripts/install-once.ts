import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(homedir(), '.cache', 'soundlift');

export interface Installation {
  readonly name: string;
  /** The file that says what is installed, exactly: for what it says that is done once. */
  readonly lock: string | URL;
  /** Into that folder, which is there and empty. */
  install(directory: string): Promise<void>;
}

/**
 * Installs a tool for every checkout of this user. Who is interrupted begins anew the next time.
 *
 * @returns the folder that has it
 */
export async function installOnce({ name, lock, install }: Installation): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(lock))
    .digest('hex');
  const directory = join(CACHE, `${name}-${hash.slice(0, 16)}`);
  const marker = join(directory, 'complete');
  if (existsSync(marker)) return directory;
  console.error(`${name} is installed into ${directory}`);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await install(directory);
  await mkdir(marker);
  return directory;
}
