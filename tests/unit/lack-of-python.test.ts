import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lackOfPython } from '../../scripts/emulator/lack-of-python.ts';
import { tempDir } from '../support/temp-dir.ts';

const directory = await tempDir('python');

/** A Python that fails as one does that is too old, or lacks a module. */
async function pythonThatSays(line: string): Promise<string> {
  const path = join(directory, 'python3');
  await writeFile(path, `#!/bin/sh\necho 'Traceback …' >&2\necho '${line}' >&2\nexit 1\n`);
  await chmod(path, 0o755);
  return path;
}

test('a Python that is missing, too old or incomplete is said to be', async () => {
  expect(await lackOfPython('python-nowhere')).toBe('there is no python-nowhere');
  const old = await pythonThatSays('AssertionError: python3 is 3.9.2');
  expect(await lackOfPython(old)).toBe('python3 is 3.9.2');
});
