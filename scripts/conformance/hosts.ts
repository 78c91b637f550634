import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { installMiniStack } from '../emulator/ministack.ts';
import { runMinistack } from '../emulator/run-ministack.ts';
import { freePort } from '../start/ports.ts';
import { type RunningProgram, runProgram } from './run-program.ts';

const PLUGIN = 'plugins/rabbitmq-event-source';

/** Something that runs functions, with an event source beside it or in it. */
interface ConformanceHost extends AsyncDisposable {
  readonly endpoint: string;
  readonly isDeployed: boolean;
  /** What its programs have printed, for the reader of a broken rule. */
  output(): string;
}

export type StartHost = (urls: {
  readonly brokerUrl: string;
  readonly collectorUrl: string;
}) => Promise<ConformanceHost>;

/** serverless-offline with the plugin, which reads mappings from serverless.yml. */
export const startServerlessOffline: StartHost = async ({ brokerUrl, collectorUrl }) => {
  const lambdaPort = await freePort();
  const cli = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');
  const program = await runProgram(
    {
      name: 'serverless-offline',
      command: [process.execPath, cli, 'offline', 'start', '--noSponsor'],
      directory: resolve(PLUGIN, 'conformance/probe'),
      environment: {
        BROKER_URL: brokerUrl,
        COLLECTOR_URL: collectorUrl,
        LAMBDA_PORT: String(lambdaPort),
      },
    },
    () => listens(lambdaPort),
  );
  return hostOf(`http://127.0.0.1:${lambdaPort}`, true, [program]);
};

/** MiniStack, which records mappings, and the command beside it, which polls for them. */
export const startMinistack: StartHost = async ({ brokerUrl }) => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const lines: string[] = [];
  const emulator = await runMinistack(await installMiniStack(), endpoint, (line) =>
    lines.push(line),
  );
  // Without credentials, which are those of the mappings' secret.
  const broker = new URL(brokerUrl);
  broker.username = '';
  broker.password = '';
  const source = await runProgram(
    {
      name: 'rabbitmq-event-source',
      command: [
        ...([process.execPath, resolve(PLUGIN, 'command.ts')] as const),
        ...['--endpoint', endpoint, '--broker', broker.href, '--interval', '1'],
      ],
      environment: {},
    },
    async () => true,
  );
  return hostOf(endpoint, false, [
    { output: () => lines.join('\n'), [Symbol.asyncDispose]: () => emulator.stop() },
    source,
  ]);
};

function hostOf(
  endpoint: string,
  isDeployed: boolean,
  programs: readonly RunningProgram[],
): ConformanceHost {
  return {
    endpoint,
    isDeployed,
    output: () => programs.map(({ output }) => output()).join('\n'),
    async [Symbol.asyncDispose]() {
      for (const program of programs.toReversed()) await program[Symbol.asyncDispose]();
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
}
