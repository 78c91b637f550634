import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installOnce } from '../install-once.ts';

const run = promisify(execFile);

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
  const directory = await installOnce({
    name,
    lock: requirements,
    async install(into) {
      await run('python3', ['-m', 'venv', into]);
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
      await run(join(into, 'bin', 'python'), [...pip, '--require-hashes', '-r', requirements]);
    },
  });
  return join(directory, 'bin', name);
}
