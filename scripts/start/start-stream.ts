import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.ts';

export interface StreamHost {
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts the streaming function in a process of its own and waits until it listens.
 *
 * @throws {Error} when it ended before
 */
export async function startStream(
  environment: Environment,
  port: number,
  onLine: (line: string) => void,
): Promise<StreamHost> {
  const program = fileURLToPath(new URL('stream-host.ts', import.meta.url));
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, ...environment, STREAM_PORT: String(port) },
    // A group of its own: Ctrl-C comes to scripts/start.ts first, and the stop is in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', onLine);
  }
  const ended = once(child, 'exit');
  const failed = ended.then(() => {
    throw new Error(`the streaming function cannot listen at port ${port}`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(child, 'message'), failed]);
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
