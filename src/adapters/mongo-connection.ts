import type { Db, MongoClient } from 'mongodb';
import { Unavailable } from '../domain/errors.ts';

/** https://www.mongodb.com/docs/manual/reference/error-codes/ */
const DUPLICATE_KEY = 11000;

interface MongoOptions {
  /** `mongodb://…/database` or `mongodb+srv://…/database`. */
  readonly url: string;
  /** How long to wait for a server or a connection; half of it for an answer, of which there are two attempts. */
  readonly timeoutMs: number;
  /** What `Unavailable` names when it does not work. */
  readonly part: string;
  /** Makes the indexes; runs once, before anything else. */
  readonly prepare: (db: Db) => Promise<unknown>;
}

/** What two writers of one key end by, but for the first. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === DUPLICATE_KEY;
}

export interface MongoConnection {
  /** Does something with the database, connecting first when need be; what fails is `Unavailable`. */
  run<T>(work: (db: Db) => Promise<T>): Promise<T>;
  dispose(): Promise<void>;
}

/** One client, opened by the first `run`. The driver is loaded only then: that takes 0.3 s. */
export function connectMongo(options: MongoOptions): MongoConnection {
  let client: MongoClient | undefined;
  let opened: Promise<Db> | undefined;
  let disposed = false;

  async function open(): Promise<Db> {
    const { MongoClient } = await import('mongodb');
    client = new MongoClient(options.url, {
      serverSelectionTimeoutMS: options.timeoutMs,
      connectTimeoutMS: options.timeoutMs,
      // The driver asks a second time when the first has no answer, and may have to find a server
      // first: https://www.mongodb.com/docs/manual/core/retryable-reads/
      socketTimeoutMS: options.timeoutMs / 2,
      waitQueueTimeoutMS: options.timeoutMs,
      // What was answered survives the loss of one server.
      writeConcern: { w: 'majority' },
      ignoreUndefined: true,
    });
    const db = client.db();
    await options.prepare(db);
    return db;
  }

  /** A failed start is forgotten, so that the next call tries again. */
  function database(): Promise<Db> {
    opened ??= open().catch(async (error: unknown) => {
      opened = undefined;
      await client?.close();
      throw error;
    });
    return opened;
  }

  return {
    async run(work) {
      if (disposed) throw new Error(`the store of ${options.part} has been disposed of`);
      try {
        return await work(await database());
      } catch (cause) {
        throw new Unavailable(options.part, { cause });
      }
    },
    async dispose() {
      disposed = true;
      await opened?.catch(() => undefined);
      await client?.close();
    },
  };
}
