import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Environment } from './environment.ts';
import { SERVERLESS, SERVERLESS_SETTINGS } from './serverless-cli.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;

export interface OfflineHost {
  /** Resolves with the exit code when the process has ended. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts `serverless offline start` and waits until the API answers. serverless-offline neither exits
 * nor listens to signals when its start has failed, so both are watched for from here.
 *
 * @throws {Error} when it ended or said that it failed before it answered
 */
export async function startOfflineHost(
  environment: Environment,
  readyUrl: string,
  onLine: (line: string) => void,
): Promise<OfflineHost> {
  const child = spawn(process.execPath, [SERVERLESS, 'offline', 'start'], {
    env: {
      ...process.env,
      ...environment,
      NODE_OPTIONS: [
        '--import ./scripts/start/exit-with-parent.mjs',
        '--import ./scripts/start/keep-bytes.ts',
        '--disable-warning=DEP0040',
      ].join(' '),
      ...SERVERLESS_SETTINGS,
    },
    // A group of its own: Ctrl-C comes here first, and the stop is in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const lastLines: string[] = [];
  const failure = new Promise<never>((_resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lastLines.push(line);
        if (lastLines.length > 40) lastLines.shift();
        onLine(line);
        if (/EADDRINUSE|^× |Error: /.test(line)) reject(new Error(lastLines.join('\n')));
      });
    }
    ended.then(() => reject(new Error(lastLines.join('\n'))));
  });
  failure.catch(() => undefined);
  const host = { ended, stop: () => stop(child, ended) };
  try {
    await Promise.race([answers(readyUrl, child), failure]);
    return host;
  } catch (error) {
    await host.stop();
    throw error;
  }
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null) {
    const status = await fetch(url)
      .then((response) => response.status)
      .catch(() => 0);
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`${url} did not answer (last status: ${status})`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Asks for an end, and makes one when that is not heard. */
async function stop(child: ChildProcess, ended: Promise<number>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
}
