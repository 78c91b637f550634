import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const REQUIREMENTS = 'tests/fuzz/requirements.txt';
const CACHE = join(homedir(), '.cache', 'soundlift');

/**
 * Schemathesis in a virtual environment of its own, made once for what tests/fuzz/requirements.txt asks
 * for: exact versions, and nothing whose hash is another.
 *
 * @returns the path of the program
 */
export async function installSchemathesis(): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  const directory = join(CACHE, `schemathesis-${hash.slice(0, 16)}`);
  const program = join(directory, 'bin', 'schemathesis');
  const marker = join(directory, 'complete');
  if (existsSync(marker)) return program;
  console.log(`Schemathesis is installed into ${directory}`);
  await mkdir(CACHE, { recursive: true });
  await rm(directory, { recursive: true, force: true });
  const run = promisify(execFile);
  await run('python3', ['-m', 'venv', directory]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(join(directory, 'bin', 'python'), [...pip, '--require-hashes', '-r', REQUIREMENTS]);
  await mkdir(marker);
  return program;
}
