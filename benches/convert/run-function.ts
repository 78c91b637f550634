import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import { DEPLOYED_AS } from '../../tests/support/bundle-function.ts';
import { killAll, processTree } from '../../tests/support/processes.ts';
import { type FunctionMeasure, functionMeasureSchema } from './measure.ts';

/** A function that has loaded its modules, opened its stores, and waits for an event. */
export interface WarmFunction extends AsyncDisposable {
  readonly pid: number;
  readonly coldStartMs: number;
  handle(event: unknown): Promise<FunctionMeasure>;
}

const readySchema = z.object({ coldStartMs: z.number() });

/** Puts the converter into one file as serverless.yml has it done, and returns its path. */
export async function bundleFunction(directory: string): Promise<string> {
  const outfile = join(directory, 'converter-function.cjs');
  const entry = fileURLToPath(new URL('converter-function.ts', import.meta.url));
  await build({ ...DEPLOYED_AS, entryPoints: [entry], outfile, logLevel: 'warning' });
  return outfile;
}

/** Starts the function in a process that knows its settings and nothing else. */
export async function startFunction(
  bundlePath: string,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<WarmFunction> {
  signal.throwIfAborted();
  // What it logs is for whoever watches; standard output is the result's.
  const stdio = ['ignore', process.stderr, process.stderr, 'ipc'] as const;
  const child = spawn(process.execPath, [bundlePath], {
    stdio: [...stdio],
    env: { ...settings, LOG_LEVEL: 'warn' },
  });
  const end = () => endProcess(child);
  try {
    const { coldStartMs } = readySchema.parse(await nextMessage(child, signal));
    return {
      pid: child.pid ?? 0,
      coldStartMs,
      async handle(event) {
        child.send(JSON.stringify(event));
        return functionMeasureSchema.parse(await nextMessage(child, signal));
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function nextMessage(child: ChildProcess, signal: AbortSignal): Promise<unknown> {
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the converter's process ended with ${code}; what it said is above`);
  });
  const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
  return message;
}

/** With its ffmpeg, which has a process group of its own, if it is at work. */
async function endProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  killAll(await processTree(child.pid));
  await exited;
}
