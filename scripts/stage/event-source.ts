import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const COMMAND = 'plugins/rabbitmq-event-source/command.ts';

export interface EventSource {
  /** Resolves with the exit code when the process has ended. */
  readonly ended: Promise<number>;
  /** Waits for what is in flight. */
  stop(): Promise<void>;
}

/** Feeds the messages of a broker to the functions of an emulated cloud, as Amazon MQ does on AWS. */
export function startEventSource(
  given: { readonly emulator: string; readonly broker: string },
  environment: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): EventSource {
  const args = [COMMAND, '--endpoint', given.emulator, '--broker', given.broker];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    // A group of its own: Ctrl-C comes to scripts/deploy-local.ts first, and the stop is in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', onLine);
  }
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  ended.catch(() => undefined);
  return {
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
