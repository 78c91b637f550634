import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../start/ports.ts';
import type { Home } from './processes.ts';
import { findProgram, startProcess, untilReady } from './processes.ts';

const ADVICE = 'on Debian: apt-get install rabbitmq-server';

interface Rabbitmq {
  readonly url: string;
  readonly apiUrl: string;
  /** Does what an operator does with this broker: `rabbitmqctl <args>`. */
  control(args: readonly string[]): Promise<void>;
}

/**
 * Starts RabbitMQ with its management API, for user guest with password guest. Resolves with its
 * URLs when the API says that the AMQP port is open.
 */
export async function startRabbitmq(
  home: Home,
  ports: { readonly amqp: number; readonly api: number },
): Promise<Rabbitmq> {
  // /usr/sbin/rabbitmq-server of Debian insists on the system's user and folders: take what it calls.
  const names = ['/usr/lib/rabbitmq/bin/rabbitmq-server', 'rabbitmq-server'];
  const program = findProgram(names, ADVICE);
  const directory = join(home.directory, 'rabbitmq');
  writeConfiguration(directory, ports.api);
  const epmdPort = await startEpmd(home);
  const env = await environment(directory, ports.amqp, epmdPort);
  const started = await startProcess('rabbitmq', { program, args: [], env }, home);
  const apiUrl = `http://guest:guest@127.0.0.1:${ports.api}`;
  await untilReady(started, () => checkListener(ports.api, ports.amqp), home.signal);
  const url = `amqp://guest:guest@127.0.0.1:${ports.amqp}`;
  const control = async (args: readonly string[]) => {
    const program = findProgram(['/usr/lib/rabbitmq/bin/rabbitmqctl', 'rabbitmqctl'], ADVICE);
    await promisify(execFile)(program, args, { env: { ...process.env, ...env } });
  };
  return { url, apiUrl, control };
}

/** Erlang's port mapper: one of our own, for otherwise RabbitMQ starts one and leaves it behind. */
async function startEpmd(home: Home): Promise<number> {
  const port = await freePort();
  const args = ['-address', '127.0.0.1', '-port', String(port)];
  await startProcess('rabbitmq', { program: findProgram(['epmd'], ADVICE), args }, home);
  return port;
}

function writeConfiguration(directory: string, apiPort: number): void {
  mkdirSync(directory, { recursive: true });
  const plugins = '[rabbitmq_management,rabbitmq_consistent_hash_exchange].\n';
  writeFileSync(join(directory, 'enabled_plugins'), plugins);
  const settings = [
    'management.tcp.ip = 127.0.0.1',
    `management.tcp.port = ${apiPort}`,
    'disk_free_limit.absolute = 50MB',
    // What queues hold is told every 5 s otherwise, which is what tests would wait for.
    'collect_statistics_interval = 1000',
  ];
  writeFileSync(join(directory, 'rabbitmq.conf'), `${settings.join('\n')}\n`);
}

async function environment(directory: string, amqpPort: number, epmdPort: number) {
  return {
    HOME: directory,
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(amqpPort),
    RABBITMQ_DIST_PORT: String(await freePort()),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-noinput -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_PID_FILE: join(directory, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(directory, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(directory, 'rabbitmq'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    // Makes the script become the broker instead of its parent: the pid that we know is the broker's.
    RABBITMQ_ALLOW_INPUT: '1',
  };
}

async function checkListener(apiPort: number, amqpPort: number): Promise<void> {
  const response = await fetch(
    `http://127.0.0.1:${apiPort}/api/health/checks/port-listener/${amqpPort}`,
    {
      headers: { authorization: `Basic ${btoa('guest:guest')}` },
      signal: AbortSignal.timeout(2_000),
    },
  );
  if (!response.ok) throw new Error(`the management API answers ${response.status}`);
}
