import { execFile, spawn } from 'node:child_process';
import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process that outlives us, told from a later one with the same pid by when it began. */
interface StartedProcess {
  readonly service: string;
  readonly pid: number;
  readonly begunAt: string;
  readonly leavesOthers?: boolean;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** It ends without those that it has started: whoever stops it asks all of them to. */
  readonly leavesOthers?: boolean;
}

/** Where a service lives: a folder of its own and the ledger of the processes that serve it. */
export interface Home {
  readonly directory: string;
  readonly ledger: string;
  readonly signal: AbortSignal;
}

const STOP_TIMEOUT_MS = 40_000;
const START_TIMEOUT_MS = 120_000;

const run = promisify(execFile);

/**
 * Starts a program in a session of its own, so that Ctrl-C in our terminal does not reach it before
 * we do, and writes it into the ledger before anything can go wrong.
 */
export async function startProcess(service: string, command: Command, home: Home) {
  home.signal.throwIfAborted();
  const logFile = join(home.directory, `${service}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(command.program, command.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...command.env },
    cwd: home.directory,
  });
  closeSync(log);
  child.on('error', () => undefined);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command.program} cannot be run`);
  child.unref();
  const begunAt = (await look(pid))?.begunAt;
  if (begunAt !== undefined) {
    const { leavesOthers } = command;
    appendFileSync(home.ledger, `${JSON.stringify({ service, pid, begunAt, leavesOthers })}\n`);
  }
  return { pid, logFile, hasEnded: () => child.exitCode !== null || child.signalCode !== null };
}

/** Runs a program to its end. Its output is shown only when it fails. */
export async function runToEnd(command: Command, signal: AbortSignal): Promise<void> {
  await run(command.program, command.args, {
    env: { ...process.env, ...command.env },
    signal,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Stops every process of a ledger: services side by side, the processes of one last-born first. */
export async function stopProcesses(ledger: string): Promise<void> {
  if (!existsSync(ledger)) return;
  const lines = readFileSync(ledger, 'utf8').split('\n').filter(Boolean);
  const services = Map.groupBy(lines.map(parseStartedProcess), ({ service }) => service);
  await Promise.all(
    [...services.values()].map(async (processes) => {
      for (const started of processes.reverse()) await stopProcess(started);
    }),
  );
}

/** Tries until a readiness check passes, the process has ended, or two minutes are over. */
export async function untilReady(
  started: { readonly logFile: string; readonly hasEnded: () => boolean },
  check: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await check();
      return;
    } catch (cause) {
      if (started.hasEnded() || Date.now() > deadline) {
        const what = started.hasEnded()
          ? 'it ended while starting'
          : `it does not answer (${cause})`;
        throw new Error(`${what}. Its last words:\n${lastWords(started.logFile)}`, { cause });
      }
      await sleep(100, undefined, { signal });
    }
  }
}

/** The path of a program, or an error that says how to get it. */
export function findProgram(names: readonly string[], advice: string): string {
  // Debian keeps servers in sbin, which is not on everyone's PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const paths = names.flatMap((name) =>
    name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name)),
  );
  const path = paths.find(isExecutable);
  if (path === undefined) throw new Error(`${names.join(' or ')} is not installed; ${advice}`);
  return path;
}

async function stopProcess(started: StartedProcess): Promise<void> {
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  let signal: NodeJS.Signals | undefined = 'SIGTERM';
  while ((await look(started.pid))?.begunAt === started.begunAt) {
    // A negative one is the process's group, which is its own.
    const target = started.leavesOthers ? -started.pid : started.pid;
    if (signal !== undefined) tryToKill(target, signal);
    signal = Date.now() > deadline ? 'SIGKILL' : undefined;
    await sleep(100);
  }
}

function tryToKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** When a process began; `undefined` when it has ended, also when nobody has collected it yet. */
async function look(pid: number): Promise<{ readonly begunAt: string } | undefined> {
  const result = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => undefined);
  const [, state, begunAt] = result?.stdout.match(/^\s*(\S+)\s+(.+?)\s*$/m) ?? [];
  return begunAt === undefined || state?.startsWith('Z') ? undefined : { begunAt };
}

function parseStartedProcess(line: string): StartedProcess {
  return JSON.parse(line) as StartedProcess;
}

function lastWords(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
