import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export interface Start {
  /** From the start of the process to its end. */
  readonly wallMs: number;
  /** Of the process, user and system. */
  readonly cpuMs: number;
}

const REPORT_USAGE = fileURLToPath(new URL('report-usage.cjs', import.meta.url));

/** Runs a script in a Node process of its own: one that imports itself and has nothing else to do. */
export async function startProcess(script: string, signal: AbortSignal): Promise<Start> {
  const begunAt = performance.now();
  const child = spawn(process.execPath, ['--require', REPORT_USAGE, script], {
    // No settings: importing a function reads none.
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  const [cpu, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const wallMs = performance.now() - begunAt;
  if (code !== 0) throw new Error(`${script} ended with ${code}; what it said is above`);
  return { wallMs, cpuMs: Number(cpu) };
}
