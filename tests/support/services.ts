import { connect } from 'node:net';
import { describe } from 'vitest';

/** The real services that adapters are tested against, and where they are looked for. */
const SERVICES = {
  mysql: { variable: 'TEST_MYSQL_URL', compose: 'mysql://root@127.0.0.1:3306' },
  rabbitmq: { variable: 'TEST_RABBITMQ_URL', compose: 'amqp://guest:guest@127.0.0.1:5672' },
  rabbitmqApi: { variable: 'TEST_RABBITMQ_API_URL', compose: 'http://guest:guest@127.0.0.1:15672' },
  mongodb: { variable: 'TEST_MONGODB_URL', compose: 'mongodb://127.0.0.1:27017' },
  emulator: { variable: 'TEST_EMULATOR_URL', compose: 'http://127.0.0.1:4566' },
} as const;

export type ServiceName = keyof typeof SERVICES;

/** Names every service that a suite needs; each value is a URL without a path. */
type Urls<Names extends ServiceName> = { readonly [name in Names]: string };

/**
 * Declares tests that need real services. Where one does not answer they are skipped by name, and
 * with `REQUIRE_SERVICES=1` they fail instead.
 */
export async function describeWithServices<const Names extends ServiceName>(
  title: string,
  names: readonly Names[],
  declare: (urls: Urls<Names>) => void,
  /** What else is missing, in words. */
  ...lacks: (string | undefined)[]
): Promise<void> {
  const urls: Record<string, string> = {};
  const missing = lacks.filter((lack) => lack !== undefined);
  if (missing.length > 0 && process.env['REQUIRE_SERVICES'] === '1') {
    throw new Error(`${title}: ${missing.join('; ')}`);
  }
  for (const name of names) {
    const { variable, compose } = SERVICES[name];
    const url = process.env[variable] ?? compose;
    urls[name] = url;
    if (!(await answers(url))) {
      const reason = `no ${name} at ${new URL(url).host}; set ${variable} or run docker compose up -d`;
      if (process.env['REQUIRE_SERVICES'] === '1') throw new Error(`${title}: ${reason}`);
      missing.push(reason);
    }
  }
  if (missing.length > 0) {
    describe.skip(`${title} (skipped: ${missing.join('; ')})`, () => declare(urls as Urls<Names>));
    return;
  }
  describe(title, () => declare(urls as Urls<Names>));
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: 2_000 });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
