import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const PATIENCE_MS = 5_000;
/** Where those go whose parent has died. */
const INIT = 1;

/**
 * The ffmpegs that go on running although their converter is dead (Linux: from /proc); those that are just
 * ending are waited for.
 */
export async function orphanedFfmpegs(): Promise<string[]> {
  const untilMs = Date.now() + PATIENCE_MS;
  let found = await findOrphans();
  while (found.length > 0 && Date.now() < untilMs) {
    await setTimeout(20);
    found = await findOrphans();
  }
  return found;
}

async function findOrphans(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(describeOrphan));
  return found.filter((description) => description !== undefined);
}

async function describeOrphan(pid: string): Promise<string | undefined> {
  try {
    // Its name may hold anything, parentheses too: proc_pid_stat(5).
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const [, name, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(stat) ?? [];
    const isOrphan = name?.startsWith('ffmpeg') && state !== 'Z' && Number(parent) === INIT;
    return isOrphan ? `ffmpeg ${pid}` : undefined;
  } catch {
    return undefined; // it has ended meanwhile
  }
}
