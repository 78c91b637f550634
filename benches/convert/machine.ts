import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem, version } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a measure depends on, as names and values. Asked for before anything is measured. */
export async function describeMachine(
  ffmpegs: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const [name, path] of Object.entries(ffmpegs)) {
    const { stdout } = await run(path, ['-version']);
    versions[name] = /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown';
  }
  return {
    date: new Date().toISOString(),
    commit: await commit(),
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`,
    memory: `${(totalmem() / 1e9).toFixed(1)} GB`,
    kernel: `${release()} ${version()}`,
    'load at the start': loadavg()
      .map((load) => load.toFixed(2))
      .join(', '),
    Node: process.version,
    ...versions,
  };
}

async function commit(): Promise<string> {
  try {
    const { stdout: hash } = await run('git', ['rev-parse', '--short', 'HEAD']);
    const { stdout: changes } = await run('git', ['status', '--porcelain']);
    return changes === '' ? hash.trim() : `${hash.trim()}, with changes that are not committed`;
  } catch {
    return 'unknown';
  }
}
