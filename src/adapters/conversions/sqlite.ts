import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { type Conversion, dueAt, OPEN_STATES } from '../../domain/conversion.ts';
import { Unavailable } from '../../domain/errors.ts';
import { QUOTA_WINDOW_MS, storedBytes } from '../../domain/quota.ts';
import type { ConversionStore } from '../../ports/conversion-store.ts';
import { pageOf } from './page.ts';

/** Applied in order, each once; `PRAGMA user_version` counts them. Never edited after a merge. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE conversions (
     id       TEXT PRIMARY KEY,
     owner_id TEXT NOT NULL,
     state    TEXT NOT NULL,
     revision INTEGER NOT NULL,
     due_at   INTEGER, -- milliseconds since 1970; the domain's dueAt
     document TEXT NOT NULL -- the whole record as JSON
   ) STRICT;
   CREATE INDEX conversions_by_owner ON conversions (owner_id, id DESC);
   CREATE INDEX conversions_by_due_at ON conversions (due_at) WHERE due_at IS NOT NULL;`,
  'CREATE INDEX conversions_by_owner_and_state ON conversions (owner_id, state, id DESC);',
  `ALTER TABLE conversions ADD COLUMN stored_bytes INTEGER NOT NULL DEFAULT 0; -- the domain's storedBytes
   UPDATE conversions SET stored_bytes = coalesce(document ->> '$.video.sizeBytes', 0)
     WHERE state IN ('queued', 'converting');
   UPDATE conversions SET stored_bytes = coalesce(document ->> '$.audio.sizeBytes', 0)
     WHERE state = 'ready';
   CREATE INDEX conversions_kept_by_owner ON conversions (owner_id, state, stored_bytes)
     WHERE due_at IS NOT NULL;
   CREATE TABLE begun (
     owner_id TEXT PRIMARY KEY,
     count    INTEGER NOT NULL,
     until    INTEGER NOT NULL -- milliseconds since 1970
   ) STRICT;
   CREATE INDEX begun_by_end ON begun (until);`,
];

/** https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555;

/** Sorts after every id. */
const AFTER_ALL_IDS = '~';

/**
 * Records in a SQLite file, which several processes may use at the same time.
 *
 * @param options.path made when it is not there; its folder has to be
 * @param options.timeoutMs how long to wait for another process that holds the file
 */
export function createSqliteConversionStore(options: {
  readonly path: string;
  readonly timeoutMs?: number | undefined;
}): ConversionStore {
  let opened: ReturnType<typeof openDatabase> | undefined;
  let disposed = false;

  function run<T>(work: (statements: ReturnType<typeof openDatabase>['statements']) => T): T {
    if (disposed) throw new Error('the store of conversions has been disposed of');
    try {
      opened ??= openDatabase(options.path, options.timeoutMs ?? 5_000);
      return work(opened.statements);
    } catch (cause) {
      throw new Unavailable('conversions', { cause });
    }
  }

  return {
    async create(conversion) {
      const taken = run(({ insert }) => !inserted(() => insert.run(toRow(conversion))));
      if (taken) throw new Error(`there is a conversion ${conversion.id} already`);
    },
    async find(id) {
      return run(({ find }) => toConversions([find.get(id)]))[0];
    },
    async findAll(ids) {
      return toConversions(run(({ findAll }) => findAll.all(JSON.stringify(ids))));
    },
    async listByOwner(userId, { limit, before = AFTER_ALL_IDS, states }) {
      const rows = run(({ listByOwner, listByOwnerInStates }) =>
        states === undefined
          ? listByOwner.all(userId, before, limit + 1)
          : listByOwnerInStates.all(userId, JSON.stringify(states), before, limit + 1),
      );
      return pageOf(toConversions(rows), limit);
    },
    async replace(next) {
      const { changes } = run(({ replace }) => replace.run(toRow(next)));
      return Number(changes) === 1;
    },
    async remove(id) {
      run(({ remove }) => remove.run(id));
    },
    async listDue(now, limit) {
      return toConversions(run(({ listDue }) => listDue.all(now.getTime(), limit)));
    },
    async usageOf(userId, upTo = AFTER_ALL_IDS) {
      const row = run(({ usageOf }) => usageOf.get(JSON.stringify(OPEN_STATES), userId, upTo));
      return { storedBytes: Number(row?.['stored_bytes']), underWay: Number(row?.['under_way']) };
    },
    async countBegun(userId, now) {
      const nowMs = now.getTime();
      const row = run(({ removeBegun, countBegun }) => {
        removeBegun.run(nowMs);
        return countBegun.get(userId, nowMs + QUOTA_WINDOW_MS);
      });
      return { count: Number(row?.['count']), until: new Date(Number(row?.['until'])) };
    },
    async ping() {
      run(({ ping }) => ping.get());
    },
    async dispose() {
      disposed = true;
      opened?.database.close();
      opened = undefined;
    },
  };
}

function openDatabase(path: string, timeoutMs: number) {
  const database = new DatabaseSync(path, { timeout: timeoutMs });
  try {
    useWriteAheadLog(database, timeoutMs);
    migrate(database);
    return { database, statements: prepare(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Lets readers go on while somebody writes. When several processes switch a new file at once, SQLite
 * answers "busy" to some of them without waiting for its timeout, so the waiting is done here.
 */
function useWriteAheadLog(database: DatabaseSync, timeoutMs: number): void {
  const giveUpAtMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!hasCode(error, SQLITE_BUSY) || Date.now() > giveUpAtMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Of several processes that start at the same time one migrates and the others wait for it. */
function migrate(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${Math.max(version, MIGRATIONS.length)}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function prepare(database: DatabaseSync) {
  return {
    insert: database.prepare(
      `INSERT INTO conversions (id, owner_id, state, revision, due_at, stored_bytes, document)
       VALUES (:id, :ownerId, :state, :revision, :dueAt, :storedBytes, :document)`,
    ),
    find: database.prepare('SELECT document FROM conversions WHERE id = ?'),
    findAll: database.prepare(
      'SELECT document FROM conversions WHERE id IN (SELECT value FROM json_each(?))',
    ),
    listByOwner: database.prepare(
      `SELECT document FROM conversions
       WHERE owner_id = ? AND id < ? AND state <> 'deleting' ORDER BY id DESC LIMIT ?`,
    ),
    listByOwnerInStates: database.prepare(
      `SELECT document FROM conversions
       WHERE owner_id = ? AND state IN (SELECT value FROM json_each(?)) AND id < ?
         AND state <> 'deleting' ORDER BY id DESC LIMIT ?`,
    ),
    replace: database.prepare(
      `UPDATE conversions
       SET owner_id = :ownerId, state = :state, revision = :revision, due_at = :dueAt,
           stored_bytes = :storedBytes, document = :document
       WHERE id = :id AND revision = :revision - 1`,
    ),
    remove: database.prepare('DELETE FROM conversions WHERE id = ?'),
    listDue: database.prepare(
      'SELECT document FROM conversions WHERE due_at <= ? ORDER BY due_at LIMIT ?',
    ),
    // Whatever is kept is to be removed one day.
    usageOf: database.prepare(
      `SELECT total(stored_bytes) AS stored_bytes,
              count(*) FILTER (WHERE state IN (SELECT value FROM json_each(?))) AS under_way
       FROM conversions WHERE owner_id = ? AND id <= ? AND due_at IS NOT NULL`,
    ),
    removeBegun: database.prepare('DELETE FROM begun WHERE until <= ?'),
    countBegun: database.prepare(
      `INSERT INTO begun (owner_id, count, until) VALUES (?, 1, ?)
       ON CONFLICT (owner_id) DO UPDATE SET count = count + 1 RETURNING count, until`,
    ),
    ping: database.prepare('SELECT 1 FROM conversions LIMIT 1'),
  };
}

function inserted(insert: () => unknown): boolean {
  try {
    insert();
    return true;
  } catch (error) {
    if (hasCode(error, SQLITE_CONSTRAINT_PRIMARYKEY)) return false;
    throw error;
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === code;
}

function toRow(conversion: Conversion) {
  return {
    id: conversion.id,
    ownerId: conversion.owner.userId,
    state: conversion.state,
    revision: conversion.revision,
    dueAt: dueAt(conversion)?.getTime() ?? null,
    storedBytes: storedBytes(conversion),
    document: JSON.stringify(conversion),
  };
}

function toConversions(rows: (Record<string, SQLOutputValue> | undefined)[]): Conversion[] {
  return rows.flatMap((row) => (row ? [parseConversion(String(row['document']))] : []));
}

const DATE_FIELDS = new Set([
  'createdAt',
  'updatedAt',
  'expectedReadyAt',
  'notifiedAt',
  'expiresAt',
  'videoExpiresAt',
  'until',
  'at',
]);

/** The inverse of `JSON.stringify` for a record that this file wrote. */
function parseConversion(document: string): Conversion {
  return JSON.parse(document, (field, value: unknown) =>
    DATE_FIELDS.has(field) && typeof value === 'string' ? new Date(value) : value,
  ) as Conversion;
}
