import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isEmulatorUp } from '../stage/emulator-url.ts';
import { ministackEnvironment } from './ministack.ts';

const READY_TIMEOUT_MS = 60_000;

export interface RunningEmulator {
  /** Resolves with the exit code when the process has ended. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts MiniStack on 127.0.0.1 and waits until it answers.
 *
 * @throws {Error} with its last lines when it ended before
 */
export async function runMinistack(
  program: string,
  url: string,
  onLine: (line: string) => void,
): Promise<RunningEmulator> {
  const state = await mkdtemp(join(tmpdir(), 'soundlift-emulator-'));
  const child = spawn(program, [], {
    env: { ...process.env, ...ministackEnvironment(url, state) },
    // A group of its own: Ctrl-C comes here first, and the stop is in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line);
      if (lastLines.length > 20) lastLines.shift();
      onLine(line);
    });
  }
  const ended = new Promise<number>((settle) => {
    child.once('error', () => settle(1));
    child.once('exit', (code) => settle(code ?? 1));
  });
  const emulator: RunningEmulator = {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      if (pid !== undefined) endGroup(pid);
      await rm(state, { recursive: true, force: true });
    },
  };
  const failed = ended.then(() => {
    throw new Error(`MiniStack ended while starting:\n${lastLines.join('\n')}`);
  });
  failed.catch(() => undefined);
  try {
    await Promise.race([untilUp(url), failed]);
    return emulator;
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}

/** Functions run in processes of MiniStack's group, which it leaves behind. */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function untilUp(url: string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isEmulatorUp(url))) {
    if (Date.now() > deadline) throw new Error(`MiniStack does not answer at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
