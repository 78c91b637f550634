import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { peakMemoryBytes } from '../convert/proc.ts';

export type ServerKind =
  | 'stream'
  | 'gateway'
  | 'read-streams'
  | 'reads-by-events'
  | 'gridfs-downloads'
  | 'tus-file-store'
  | 'tus-by-events'
  | 'gridfs-uploads';

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  /** The most memory that it has had so far. */
  peakBytes(): number;
}

/** @throws {Error} when it ended before it listened; what it said is on standard error */
export async function startServer(
  kind: ServerKind,
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const program = fileURLToPath(new URL('serve.ts', import.meta.url));
  const child = spawn(process.execPath, [program, kind], {
    env: { ...process.env, ...settings, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const failed = ended.then(([code]) => {
    throw new Error(`the server "${kind}" ended with ${code}`);
  });
  failed.catch(() => undefined);
  const [port] = await Promise.race([once(child, 'message'), failed]);
  return {
    url: `http://127.0.0.1:${z.int().parse(port)}`,
    peakBytes: () => peakMemoryBytes(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
