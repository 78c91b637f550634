import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the tests of the calling suite, removed after them. */
export async function tempDir(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `soundlift-${name}-`));
  afterAll(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
