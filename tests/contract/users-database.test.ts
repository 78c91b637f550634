import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Kysely, sql } from 'kysely';
import { createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  openUsersDatabase,
  type Tables,
  type UsersDatabase,
} from '../../src/adapters/users/database.ts';
import { users as firstMigration } from '../../src/adapters/users/migrations/0001-users.ts';
import { createMysqlDialect } from '../../src/adapters/users/mysql-dialect.ts';
import { describeWithServices } from '../support/services.ts';
import { tempDir } from '../support/temp-dir.ts';
import { createMysqlDatabase } from '../support/user-stores.ts';

const UNAVAILABLE = { code: 'unavailable', part: 'users', retry: 'later' };
const directory = await tempDir('users-database');

test('an address of another kind of database is refused at once', () => {
  expect(() => openUsersDatabase({ url: 'postgres://localhost/users' })).toThrow(/mysql.*sqlite/);
});

describe('users database on SQLite', () => {
  test('three processes that migrate at once all succeed', async () => {
    const urls = [1, 2, 3, 4, 5].map(
      (round) => `sqlite:${join(directory, 'a new folder', `migrated-${round}.sqlite`)}`,
    );
    await migrateInProcesses(urls, 3);
    for (const url of urls) expect(await countMigrations(url)).toBe(3);
  });

  test('connections that migrate at once all succeed', async () => {
    const url = `sqlite:${join(directory, 'migrated-at-once.sqlite')}`;
    await migrateAtOnce(url);
    expect(await countMigrations(url)).toBe(3);
  });

  test('a file that stays locked is Unavailable in time, and nothing else stands still', async () => {
    const path = join(directory, 'locked.sqlite');
    const db = openUsersDatabase({ url: `sqlite:${path}`, timeoutMs: 300 });
    await db.migrate();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 10);

    await expect(db.run(removeAll)).rejects.toMatchObject(UNAVAILABLE);
    expect(ticks).toBeGreaterThan(5);

    clearInterval(ticking);
    other.exec('COMMIT');
    await db.run(removeAll);
    other.close();
    await db.dispose();
  });
});

await describeWithServices('users database on MySQL', ['mysql'], ({ mysql }) => {
  let database: Awaited<ReturnType<typeof createMysqlDatabase>>;
  let db: UsersDatabase;

  beforeEach(async () => {
    database = await createMysqlDatabase(mysql);
    db = openUsersDatabase({ url: database.url, timeoutMs: 1_000 });
  });
  afterEach(async () => {
    await db.dispose();
    await database.drop();
  });

  test('connections that migrate at once all succeed', async () => {
    await migrateAtOnce(database.url);
    expect(await countMigrations(database.url)).toBe(3);
  });

  test('a migration that was cut off before it was recorded is made good', async () => {
    const timeouts = { connectTimeoutMs: 1_000, queryTimeoutMs: 1_000 };
    const kysely = new Kysely({ dialect: createMysqlDialect({ url: database.url, ...timeouts }) });
    await firstMigration.up(kysely);
    await kysely.destroy();

    await db.migrate();
    expect(await countMigrations(database.url)).toBe(3);
  });

  test('a query that takes too long is Unavailable, and the next one gets its own answer', async () => {
    await expect(db.run((kysely) => sql`select sleep(20)`.execute(kysely))).rejects.toMatchObject({
      ...UNAVAILABLE,
      cause: { code: 'PROTOCOL_SEQUENCE_TIMEOUT' },
    });
    const { rows } = await db.run((kysely) => sql`select 'mine' as answer`.execute(kysely));
    expect(rows).toEqual([{ answer: 'mine' }]);
  }, 10_000);

  test('a pool without a free connection is Unavailable until there is one', async () => {
    const end = Promise.withResolvers<void>();
    const busy = Array.from({ length: 10 }, () =>
      db.run((kysely) => kysely.connection().execute(() => end.promise)),
    );
    const waiting = await Promise.allSettled(busy.map(() => db.run(ping)));
    for (const result of waiting) expect(result).toMatchObject({ reason: UNAVAILABLE });

    end.resolve();
    await Promise.all(busy);
    await Promise.all(Array.from({ length: 20 }, () => db.run(ping)));
  });

  test('a connection that the server has closed is replaced', async () => {
    const { rows } = await db.run((kysely) =>
      sql<{ id: number }>`select connection_id() as id`.execute(kysely),
    );
    const server = await createConnection(mysql);
    await server.query(`KILL ${rows[0]?.id}`);
    await server.end();

    await expect.poll(() => db.run(ping).then(() => 'answered', String)).toBe('answered');
  });

  test('a transaction that lost a deadlock begins anew', async () => {
    await db.run((kysely) => sql`create table pair (id int primary key, n int)`.execute(kysely));
    await db.run((kysely) => sql`insert into pair values (1, 0), (2, 0)`.execute(kysely));
    const bothHaveOne = meetingOf(2);
    let begun = 0;
    const addToBoth = (first: number, second: number) =>
      db.run((kysely) =>
        kysely.transaction().execute(async (trx) => {
          begun += 1;
          await sql`update pair set n = n + 1 where id = ${first}`.execute(trx);
          await bothHaveOne();
          await sql`update pair set n = n + 1 where id = ${second}`.execute(trx);
        }),
      );
    await Promise.all([addToBoth(1, 2), addToBoth(2, 1)]);

    expect(begun).toBe(3);
    const { rows } = await db.run((kysely) => sql`select n from pair`.execute(kysely));
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  });
});

async function ping(kysely: Kysely<Tables>): Promise<void> {
  await sql`select 1`.execute(kysely);
}

async function removeAll(kysely: Kysely<Tables>): Promise<void> {
  await kysely.deleteFrom('users').execute();
}

async function countMigrations(url: string): Promise<number> {
  const db = openUsersDatabase({ url });
  const { rows } = await db.run((kysely) => sql`select name from kysely_migration`.execute(kysely));
  await db.dispose();
  return rows.length;
}

async function migrateAtOnce(url: string): Promise<void> {
  await Promise.all(Array.from({ length: 4 }, () => openUsersDatabase({ url }).migrate()));
}

/** For each URL in turn they all begin in the same millisecond. */
async function migrateInProcesses(urls: string[], processes: number): Promise<void> {
  const module = new URL('../../src/adapters/users/database.ts', import.meta.url).href;
  const script = `
    const { openUsersDatabase } = await import(${JSON.stringify(module)});
    for (const [round, url] of ${JSON.stringify(urls)}.entries()) {
      while (Date.now() < ${Date.now() + 1_500} + round * 100);
      await openUsersDatabase({ url }).migrate();
    }`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  await Promise.all(Array.from({ length: processes }, run));
}

/** Holds everyone up until `count` have come, and nobody after that. */
function meetingOf(count: number): () => Promise<void> {
  const complete = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) complete.resolve();
    return complete.promise;
  };
}
