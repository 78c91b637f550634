import { join, relative } from 'node:path';
import { freePort } from '../../scripts/start/ports.ts';
import { killAll, processTree } from './processes.ts';
import { type RunningProgram, startProgram } from './program.ts';

export interface RunningService extends RunningProgram {
  readonly url: string;
  readonly mailUrl: string;
  readonly dataDirectory: string;
  readonly ports: ServicePorts;
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

/** Everybody in a test comes from this machine, and is not to be taken for one who tries passwords. */
const ONE_ADDRESS_FOR_ALL = { REGISTRATIONS_PER_ADDRESS: '0', SIGN_INS_PER_ADDRESS: '0' };

const READY_TIMEOUT_MS = 120_000;

/** Starts the service as its user does, in processes of its own, and waits until it says it is ready. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const ports = options.ports ?? {
    api: await freePort(),
    mail: await freePort(),
    mailPage: await freePort(),
  };
  const args = ['scripts/start.ts', ...(options.services ? ['--services'] : [])];
  const env = {
    ...ONE_ADDRESS_FOR_ALL,
    ...options.services,
    ...(options.ffmpegPath && { FFMPEG_PATH: options.ffmpegPath }),
    PORT: String(ports.api),
    MAIL_PORT: String(ports.mail),
    MAIL_PAGE_PORT: String(ports.mailPage),
    DATA_DIR: options.dataDirectory,
    // serverless-esbuild takes it from the project's folder, whatever it begins with.
    ESBUILD_FOLDER: relative('', join(options.dataDirectory, '.esbuild')),
  };
  const program = await startProgram({ args, env }, 'Soundlift is ready', READY_TIMEOUT_MS);
  return {
    ...program,
    url: `http://localhost:${ports.api}`,
    mailUrl: `http://localhost:${ports.mailPage}`,
    dataDirectory: options.dataDirectory,
    ports,
    kill: async () => {
      killAll(await processTree(program.pid));
      await program.ended;
    },
  };
}
