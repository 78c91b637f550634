import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe } from 'vitest';

/** What reaches files, addresses or programs; not every machine has all of them (`?`). */
const CALLS =
  'execve,execveat,?open,openat,openat2,?creat,socket,connect,bind,clone,clone3,?fork,?vfork';
const CONVERT_FILE = join(import.meta.dirname, 'convert-file.ts');

/**
 * Declares tests that need strace. Where it is not there, or may not trace, they are skipped by name,
 * and with `REQUIRE_SERVICES=1` they fail instead.
 */
export function describeWithStrace(title: string, declare: () => void): void {
  try {
    execFileSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'ignore' });
  } catch {
    const reason = 'strace cannot trace here; apt-get install strace';
    if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`${title}: ${reason}`);
    describe.skip(`${title} (skipped: ${reason})`, declare);
    return;
  }
  describe(title, declare);
}

/**
 * What ffmpeg and all that it starts do to files, addresses and programs while a file is converted,
 * as `open /etc/passwd`, `connect 127.0.0.1:80`, `socket …`, `execute …`. Its own source is `connect
 * source`.
 */
export async function deedsOfFfmpeg(
  ffmpegPath: string,
  path: string,
  unsafeOptions: readonly string[] = [],
): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-strace-'));
  try {
    // A file for each thread: calls of several would be cut up in one.
    const strace = ['-ff', '-qq', '-s', '4096', '-e', 'signal=none', '-e', `trace=${CALLS}`];
    const convert = [process.execPath, CONVERT_FILE, ffmpegPath, path, ...unsafeOptions];
    await promisify(execFile)('strace', [...strace, '-o', join(directory, 'trace'), ...convert]);
    return deedsIn(await readTraces(directory), ffmpegPath);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The calls of each thread, by its number. */
type Traces = ReadonlyMap<string, readonly string[]>;

async function readTraces(directory: string): Promise<Traces> {
  const traces = new Map<string, string[]>();
  for (const name of await readdir(directory)) {
    const lines = (await readFile(join(directory, name), 'utf8')).split('\n');
    traces.set(name.slice('trace.'.length), lines);
  }
  return traces;
}

function deedsIn(traces: Traces, ffmpegPath: string): string[] {
  const runs = [...traces.values()].flatMap((calls) => {
    const start = calls.findIndex((call) => call.startsWith(`execve("${ffmpegPath}", `));
    return start < 0 ? [] : [calls.slice(start)];
  });
  if (runs.length === 0) throw new Error(`${ffmpegPath} was not started`);
  return runs.flatMap(([start = '', ...calls]) => {
    const source = `connect ${/"http:\/\/(127\.0\.0\.1:\d+)\//.exec(start)?.[1]}`;
    const deeds = calls.flatMap((call) => deedsOf(call, traces));
    return deeds.map((deed) => (deed === source ? 'connect source' : deed));
  });
}

function deedsOf(call: string, traces: Traces): string[] {
  const [, name = '', details = ''] = /^(\w+)\((.*)$/.exec(call) ?? [];
  const [, quoted = details] = /"((?:[^"\\]|\\.)*)"/.exec(details) ?? [];
  switch (name) {
    case '':
      return [];
    case 'open':
    case 'openat':
    case 'openat2':
    case 'creat':
      return [`open ${quoted}`];
    case 'execve':
    case 'execveat':
      return [`execute ${quoted}`];
    case 'connect':
      return [`connect ${addressIn(details)}`];
    case 'clone':
    case 'clone3':
    case 'fork':
    case 'vfork': {
      const child = / = (\d+)$/.exec(details)?.[1] ?? '';
      const calls = (traces.get(child) ?? []).flatMap((line) => deedsOf(line, traces));
      return details.includes('CLONE_THREAD') ? calls : [`start a process`, ...calls];
    }
    default:
      return [`${name} ${details.replace(/\) += .*$/, '')}`];
  }
}

function addressIn(details: string): string {
  const [, port, host] =
    /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)/.exec(details) ?? [];
  return host === undefined ? details : `${host}:${port}`;
}
