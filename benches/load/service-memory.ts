import { readFile } from 'node:fs/promises';
import { processTree } from '../../tests/support/processes.ts';

const LOOK_EVERY_MS = 1_000;

/** The most memory that a process and all below it have had at one time; shared pages count once (Pss). */
export function watchServiceMemory(pid: number): { stop(): Promise<number> } {
  let peakBytes = 0;
  let looking: Promise<void> = Promise.resolve();
  const look = async () => {
    const sizes = await Promise.all((await processTree(pid)).map(pssBytes));
    peakBytes = Math.max(
      peakBytes,
      sizes.reduce((sum, bytes) => sum + bytes, 0),
    );
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await looking;
      return peakBytes;
    },
  };
}

/** A process may be gone at any time. */
async function pssBytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1_024;
}
