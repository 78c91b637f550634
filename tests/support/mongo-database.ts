import { randomBytes } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';

export interface MongoDatabase {
  readonly url: string;
  /** For what a test has to see behind the adapter's back. */
  readonly db: Db;
}

/** A database of its own for the calling suite, dropped after it. */
export function mongoDatabase(serverUrl: string, suite: string): MongoDatabase {
  const url = new URL(serverUrl);
  url.pathname = `/soundlift-test-${suite}-${randomBytes(4).toString('hex')}`;
  const client = new MongoClient(url.href, { serverSelectionTimeoutMS: 10_000 });
  const db = client.db();
  beforeAll(() => client.connect());
  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
  });
  return { url: url.href, db };
}
