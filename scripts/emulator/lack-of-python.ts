import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** https://pypi.org/project/ministack/: Requires Python >=3.10 */
const PROGRAM = `
import sys
assert sys.version_info >= (3, 10), 'python3 is ' + sys.version.split()[0]
try:
    import ensurepip, venv
except ImportError:
    raise AssertionError('python3 cannot make virtual environments (on Debian: apt-get install python3-venv)')
`;

/** Why MiniStack cannot be installed here, in words; `undefined` when it can. */
export async function lackOfPython(python = 'python3'): Promise<string | undefined> {
  try {
    await promisify(execFile)(python, ['-c', PROGRAM]);
    return undefined;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    return /^AssertionError: (.*)$/m.exec(stderr)?.[1] ?? `there is no ${python}`;
  }
}
