import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CACHE = join(homedir(), '.cache', 'soundlift');

export interface PythonTool {
  /** The name of the program, and of its folder. */
  readonly name: string;
  /** A file of exact versions and hashes; the environment is that file's, and made once for it. */
  readonly requirements: string;
}

/**
 * A Python program in a virtual environment of its own, made once for what its requirements ask for:
 * exact versions, and nothing whose hash is another.
 *
 * @returns the path of the program
 */
export async function installPythonTool({ name, requirements }: PythonTool): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex');
  const directory = join(CACHE, `${name}-${hash.slice(0, 16)}`);
  const program = join(directory, 'bin', name);
  const marker = join(directory, 'complete');
  if (existsSync(marker)) return program;
  console.error(`${name} is installed into ${directory}`);
  await mkdir(CACHE, { recursive: true });
  await rm(directory, { recursive: true, force: true });
  const run = promisify(execFile);
  await run('python3', ['-m', 'venv', directory]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(join(directory, 'bin', 'python'), [...pip, '--require-hashes', '-r', requirements]);
  await mkdir(marker);
  return program;
}
