import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../../scripts/start/ports.ts';
import { killAll, processTree } from './processes.ts';

export interface RunningService {
  readonly url: string;
  readonly mailUrl: string;
  readonly dataDirectory: string;
  readonly ports: ServicePorts;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** As Ctrl-C does it; resolves with the exit code. */
  stop(): Promise<number>;
  /** SIGKILL to every process of it at once. */
  kill(): Promise<void>;
}

export interface ServiceOptions {
  readonly dataDirectory: string;
  /** Ports that an earlier run had, so that a restarted one is found at the same place. */
  readonly ports?: ServicePorts | undefined;
  /** Settings for `start:services`; absent: the embedded run. */
  readonly services?: Record<string, string> | undefined;
  /** The ffmpeg to convert by; absent: the one that is found. */
  readonly ffmpegPath?: string | undefined;
}

export interface ServicePorts {
  readonly api: number;
  readonly mail: number;
  readonly mailPage: number;
}

const READY_TIMEOUT_MS = 120_000;

/** Starts the service as its user does, in processes of its own, and waits until it says it is ready. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const ports = options.ports ?? {
    api: await freePort(),
    mail: await freePort(),
    mailPage: await freePort(),
  };
  const child = spawn(
    process.execPath,
    ['scripts/start.ts', ...(options.services ? ['--services'] : [])],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...options.services,
        ...(options.ffmpegPath && { FFMPEG_PATH: options.ffmpegPath }),
        PORT: String(ports.api),
        MAIL_PORT: String(ports.mail),
        MAIL_PAGE_PORT: String(ports.mailPage),
        DATA_DIR: options.dataDirectory,
        ESBUILD_FOLDER: join(options.dataDirectory, '.esbuild'),
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const exit = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const service: RunningService = {
    url: `http://localhost:${ports.api}`,
    mailUrl: `http://localhost:${ports.mailPage}`,
    dataDirectory: options.dataDirectory,
    ports,
    pid: child.pid ?? 0,
    output: () => output,
    stop: async () => {
      child.kill('SIGINT');
      return await exit;
    },
    kill: async () => {
      killAll(await processTree(child.pid ?? 0));
      await exit;
    },
  };
  await untilReady(child, () => output);
  return service;
}

async function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!output().includes('Soundlift is ready')) {
    if (child.exitCode !== null) throw new Error(`the service ended at its start:\n${output()}`);
    if (Date.now() > deadline) throw new Error(`the service is not ready:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
