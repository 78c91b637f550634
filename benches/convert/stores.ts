import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { z } from 'zod';
import { createMongoConversionStore } from '../../src/adapters/conversions/mongo.ts';
import { createSqliteConversionStore } from '../../src/adapters/conversions/sqlite.ts';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import { createRabbitmqQueue } from '../../src/adapters/queue/rabbitmq.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { FileStore } from '../../src/ports/file-store.ts';

/** Where a converter finds videos and leaves MP3s. */
export interface Stores extends AsyncDisposable {
  readonly files: FileStore;
  readonly conversions: ConversionStore;
  /** The same, as a function is told. */
  readonly settings: Readonly<Record<'FILES_URL' | 'CONVERSIONS_URL' | 'QUEUE_URL', string>>;
  /** What they are made of, for the result. */
  readonly description: string;
}

/** A service that is needed does not answer. */
export class ServiceMissing extends Error {}

const CONNECT_TIMEOUT_MS = 5_000;
/** A virtual host is slow to remove: it has queues on the disk. */
const API_TIMEOUT_MS = 20_000;

/** Everything in a folder, as `npm start` has it. */
export async function openDiskStores(directory: string): Promise<Stores> {
  await mkdir(directory);
  const place = {
    files: join(directory, 'files'),
    conversions: join(directory, 'conversions.sqlite'),
    queue: join(directory, 'queue.sqlite'),
  };
  const files = createDiskFileStore({ directory: place.files });
  const conversions = createSqliteConversionStore({ path: place.conversions });
  return {
    files,
    conversions,
    settings: {
      FILES_URL: `disk:${place.files}`,
      CONVERSIONS_URL: `sqlite:${place.conversions}`,
      QUEUE_URL: `embedded:${place.queue}`,
    },
    description: 'a folder, SQLite',
    async [Symbol.asyncDispose]() {
      await Promise.all([files.dispose(), conversions.dispose()]);
    },
  };
}

/**
 * A database and a virtual host of this run's own, gone after it, where tests look for services too
 * (tests/support/services.ts).
 *
 * @throws {ServiceMissing}
 */
export async function openServiceStores(): Promise<Stores> {
  const name = `soundlift-bench-${randomBytes(4).toString('hex')}`;
  await using opened = new AsyncDisposableStack();
  const mongo = await openMongoDatabase(name);
  opened.defer(mongo.drop);
  const rabbitmq = await openVirtualHost(name);
  opened.defer(rabbitmq.drop);
  await declareQueues(rabbitmq.url);
  const files = opened.adopt(createGridfsFileStore({ url: mongo.url }), (it) => it.dispose());
  const conversions = opened.adopt(createMongoConversionStore({ url: mongo.url }), (it) =>
    it.dispose(),
  );
  const all = opened.move();
  return {
    files,
    conversions,
    settings: { FILES_URL: mongo.url, CONVERSIONS_URL: mongo.url, QUEUE_URL: rabbitmq.url },
    description: `${mongo.description}, ${rabbitmq.description}`,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

export interface Service {
  readonly url: string;
  readonly description: string;
  drop(): Promise<void>;
}

const buildInfoSchema = z.looseObject({ version: z.string(), gitVersion: z.string().optional() });

/** @throws {ServiceMissing} */
export async function openMongoDatabase(name: string): Promise<Service> {
  const url = new URL(process.env['TEST_MONGODB_URL'] ?? 'mongodb://127.0.0.1:27017');
  const { host } = url;
  url.pathname = `/${name}`;
  const client = new MongoClient(url.href, { serverSelectionTimeoutMS: CONNECT_TIMEOUT_MS });
  try {
    const { version, gitVersion } = buildInfoSchema.parse(
      await client.db().command({ buildInfo: 1 }),
    );
    // Only MongoDB's own servers know the commit that they were built from.
    const kind =
      gitVersion === undefined ? 'a server that speaks MongoDB’s protocol, version' : 'MongoDB';
    return {
      url: url.href,
      description: `${kind} ${version}`,
      async drop() {
        await client.db().dropDatabase();
        await client.close();
      },
    };
  } catch (cause) {
    await client.close();
    throw new ServiceMissing(`no MongoDB at ${host} (TEST_MONGODB_URL)`, { cause });
  }
}

const overviewSchema = z.looseObject({ rabbitmq_version: z.string() });

/** Through the management API: https://www.rabbitmq.com/docs/http-api-reference */
async function openVirtualHost(name: string): Promise<Service> {
  const url = new URL(process.env['TEST_RABBITMQ_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672');
  const api = managementApi();
  const user = encodeURIComponent(decodeURIComponent(url.username) || 'guest');
  url.pathname = `/${name}`;
  const { rabbitmq_version: version } = overviewSchema.parse(await api('GET', '/overview'));
  await api('PUT', `/vhosts/${name}`, {});
  const everything = { configure: '.*', write: '.*', read: '.*' };
  await api('PUT', `/permissions/${name}/${user}`, everything);
  return {
    url: url.href,
    description: `RabbitMQ ${version}`,
    drop: async () => void (await api('DELETE', `/vhosts/${name}`)),
  };
}

/** As whoever deploys the service does, before its first function starts. */
async function declareQueues(url: string): Promise<void> {
  const queue = createRabbitmqQueue({ url });
  try {
    await queue.declare();
  } catch (cause) {
    throw new ServiceMissing(`no RabbitMQ at ${new URL(url).host} (TEST_RABBITMQ_URL)`, { cause });
  } finally {
    await queue.dispose();
  }
}

function managementApi() {
  const { origin, host, username, password } = new URL(
    process.env['TEST_RABBITMQ_API_URL'] ?? 'http://guest:guest@127.0.0.1:15672',
  );
  const credentials = Buffer.from(decodeURIComponent(`${username}:${password}`));
  const headers = {
    authorization: `Basic ${credentials.toString('base64')}`,
    'content-type': 'application/json',
  };
  return async (method: string, path: string, body?: object): Promise<unknown> => {
    const request = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const signal = AbortSignal.timeout(API_TIMEOUT_MS);
    const answer = await fetch(`${origin}/api${path}`, { ...request, signal }).catch((cause) => {
      throw new ServiceMissing(`no RabbitMQ management API at ${host} (TEST_RABBITMQ_API_URL)`, {
        cause,
      });
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
