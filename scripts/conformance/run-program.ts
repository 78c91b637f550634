import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface RunningProgram extends AsyncDisposable {
  /** What it has printed so far. */
  output(): string;
}

interface Program {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly directory?: string;
  readonly environment: Readonly<Record<string, string>>;
}

const READY_TIMEOUT_MS = 60_000;

/** Starts a program and waits until it is ready; at the end it is stopped by SIGTERM. */
export async function runProgram(
  { name, command: [program, ...args], directory, environment }: Program,
  isReady: () => Promise<boolean>,
): Promise<RunningProgram> {
  const child = spawn(program, args, {
    ...(directory === undefined ? {} : { cwd: directory }),
    env: { ...process.env, ...environment },
    // A group of its own: Ctrl-C comes here first.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = recordOutput(child);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const running: RunningProgram = {
    output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady())) {
    if (child.exitCode !== null || child.pid === undefined || performance.now() > deadline) {
      await running[Symbol.asyncDispose]();
      throw new Error(`${name} did not start:\n${output()}`);
    }
    await delay(100);
  }
  return running;
}

function recordOutput({ stdout, stderr }: ChildProcess): () => string {
  let output = '';
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return () => output;
}
