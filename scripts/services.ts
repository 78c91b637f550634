import { spawn } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startMariadb } from './services/mariadb.ts';
import { startMinistack } from './services/ministack.ts';
import { startMongodb } from './services/mongodb.ts';
import { type Home, stopProcesses } from './services/processes.ts';
import { startRabbitmq } from './services/rabbitmq.ts';
import { freePort, isFree } from './start/ports.ts';

const USAGE = `Real services on 127.0.0.1, without Docker: MariaDB, RabbitMQ, a server that speaks MongoDB's protocol, and one that
answers like AWS.

  node scripts/services.ts run -- <command…>   starts them for one command, on free ports
  node scripts/services.ts start               starts them and leaves them running
      --ports default|free                     default: those of docker-compose.yml
      --data <folder>                          default: data/services
  node scripts/services.ts stop                stops those of a folder
      --data <folder>`;

const DEFAULT_PORTS = {
  mariadb: 3306,
  amqp: 5672,
  rabbitmqApi: 15_672,
  mongodb: 27_017,
  emulator: 4566,
};
type Ports = typeof DEFAULT_PORTS;

interface Place {
  /** Holds all data, and the ledger of what was started. */
  readonly directory: string;
  readonly ports: Ports;
}

/** Starts all of them side by side. When one fails the others are stopped, and the error names it. */
async function startAll({ directory, ports }: Place, interruption: AbortSignal) {
  const failure = new AbortController();
  const signal = AbortSignal.any([interruption, failure.signal]);
  const home: Home = { directory, ledger: ledgerOf(directory), signal };
  const named = <T>(name: string, started: Promise<T>): Promise<T> =>
    started.catch((cause: Error) => {
      failure.abort();
      throw new Error(`${name} did not start: ${cause.message}`, { cause });
    });
  const starts = [
    named('MariaDB', startMariadb(home, ports.mariadb)),
    named('RabbitMQ', startRabbitmq(home, { amqp: ports.amqp, api: ports.rabbitmqApi })),
    named('MongoDB', startMongodb(home, ports.mongodb)),
    named('MiniStack', startMinistack(home, ports.emulator)),
  ] as const;
  try {
    const [mysqlUrl, rabbitmq, mongodbUrl, emulatorUrl] = await Promise.all(starts);
    return {
      TEST_MYSQL_URL: mysqlUrl,
      TEST_RABBITMQ_URL: rabbitmq.url,
      TEST_RABBITMQ_API_URL: rabbitmq.apiUrl,
      TEST_MONGODB_URL: mongodbUrl,
      TEST_EMULATOR_URL: emulatorUrl,
    };
  } catch (error) {
    await Promise.allSettled(starts);
    await stopAll(directory);
    throw error;
  }
}

async function stopAll(directory: string): Promise<void> {
  await stopProcesses(ledgerOf(directory));
  rmSync(ledgerOf(directory), { force: true });
}

/** Runs a command between starting and stopping the services. Resolves with its exit code. */
async function runBetween([program = '', ...args]: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(realpathSync(tmpdir()), 'soundlift-services-'));
  const interruption = new AbortController();
  let exitCode: number | undefined;
  let passOn = (_signal: NodeJS.Signals) => {};
  const interrupt = (signal: NodeJS.Signals) => {
    exitCode ??= 128 + constants.signals[signal];
    interruption.abort(new Error(`interrupted by ${signal}`));
    passOn(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  try {
    const begunAt = Date.now();
    const urls = await startAll({ directory, ports: await freePorts() }, interruption.signal);
    console.error(`services: ready after ${seconds(begunAt)}, on ${Object.values(urls).join(' ')}`);
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...urls } });
    passOn = (signal) => {
      // The terminal has already given Ctrl-C to the command; a second one would mean "at once".
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
    };
    return await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } catch (error) {
    if (exitCode === undefined) throw error;
    return exitCode;
  } finally {
    await stopAll(directory);
    await rm(directory, { recursive: true, force: true });
  }
}

async function startAndLeave({ directory, ports }: Place): Promise<void> {
  for (const port of Object.values(ports)) {
    if (!(await isFree(port))) {
      throw new Error(`port ${port} is taken; stop what listens there, or use --ports free`);
    }
  }
  mkdirSync(directory, { recursive: true });
  const urls = await startAll({ directory, ports }, new AbortController().signal);
  for (const [name, url] of Object.entries(urls)) console.log(`export ${name}=${url}`);
  console.log(`# to stop them: node scripts/services.ts stop --data ${directory}`);
}

async function freePorts(): Promise<Ports> {
  const ports = new Set<number>();
  while (ports.size < 5) ports.add(await freePort());
  const [mariadb = 0, amqp = 0, rabbitmqApi = 0, mongodb = 0, emulator = 0] = ports;
  return { mariadb, amqp, rabbitmqApi, mongodb, emulator };
}

function ledgerOf(directory: string): string {
  return join(directory, 'processes.jsonl');
}

function seconds(begunAt: number): string {
  return `${((Date.now() - begunAt) / 1000).toFixed(1)} s`;
}

async function main(): Promise<number> {
  const [verb, separator, ...command] = process.argv.slice(2);
  if (verb === 'run' && separator === '--' && command.length > 0) return runBetween(command);
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: 'string', default: 'data/services' },
      ports: { type: 'string', default: 'default' },
    },
  });
  const directory = resolve(values.data);
  if (positionals[0] === 'start' && ['default', 'free'].includes(values.ports)) {
    const ports = values.ports === 'free' ? await freePorts() : DEFAULT_PORTS;
    await startAndLeave({ directory, ports });
    return 0;
  }
  if (positionals[0] === 'stop') {
    await stopAll(directory);
    return 0;
  }
  console.error(USAGE);
  return 2;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
