import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export type FeederKind = 'event source' | 'hand-written bridge';

interface Place {
  readonly brokerUrl: string;
  readonly queue: string;
  readonly endpoint: string;
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

function argumentsOf(kind: FeederKind, { brokerUrl, queue, endpoint }: Place): string[] {
  if (kind === 'event source') {
    const command = path('../../plugins/rabbitmq-event-source/command.ts');
    return [command, '--endpoint', endpoint, '--broker', brokerUrl, '--interval', '600'];
  }
  return [path('hand-written-bridge.ts'), brokerUrl, queue, endpoint];
}

/** Starts what moves messages to the function, as a process of its own; resolves when it polls. */
export async function startFeeder(kind: FeederKind, place: Place): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, argumentsOf(kind, place), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const polls = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (/^Polling/m.test(chunk)) resolve();
    });
  });
  const failed = ended.then(() => {
    throw new Error(`the ${kind} ended`);
  });
  failed.catch(() => undefined);
  await Promise.race([polls, failed]);
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
