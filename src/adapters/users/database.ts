import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, Migrator } from 'kysely';
import { SoundliftError, Unavailable } from '../../domain/errors.ts';
import { migrationProvider } from './migrations/migration-provider.ts';
import { createMysqlDialect } from './mysql-dialect.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';

/** What the migrations have made. Times are whole milliseconds, which both databases keep exactly. */
export interface Tables {
  users: {
    id: string;
    email: string;
    full_name: string;
    password_hash: string;
    created_at_ms: number;
  };
  sessions: { id: string; user_id: string };
  refresh_tokens: {
    token_hash: string;
    session_id: string;
    expires_at_ms: number;
    used_at_ms: number | null;
  };
  attempts: { id: string; made: number; ends_at_ms: number };
}

/** The database that users and their sessions share. */
export interface UsersDatabase {
  /**
   * Runs queries. `work` begins anew when the database has rolled it back in favour of another, so
   * it must change nothing outside of the database.
   *
   * @throws {Unavailable} `users`, whatever the database has thrown
   */
  run<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /** Brings the tables up to date; of several processes that do so at once, one works and the others wait. */
  migrate(): Promise<void>;
  dispose(): Promise<void>;
}

export interface UsersDatabaseOptions {
  /** `mysql://user:password@host:port/database` or `sqlite:<path>`. */
  readonly url: string;
  /** For connecting, for getting a connection and for each query. */
  readonly timeoutMs?: number;
}

/** A migration may take longer than any query, and so may the wait for another process's migration. */
const MIGRATION_TIMEOUT_MS = 5 * 60 * 1000;

/** Nothing is opened before the first query. */
export function openUsersDatabase({ url, timeoutMs = 5_000 }: UsersDatabaseOptions): UsersDatabase {
  const connect = (queryTimeoutMs: number) =>
    new Kysely<Tables>({ dialect: dialectOf(url, timeoutMs, queryTimeoutMs) });
  const kysely = connect(timeoutMs);

  return {
    run: (work) => untilNotRolledBack(() => work(kysely), timeoutMs),
    async migrate() {
      const patient = connect(MIGRATION_TIMEOUT_MS);
      try {
        await untilNotRolledBack(() => migrateToLatest(patient), MIGRATION_TIMEOUT_MS);
      } finally {
        await patient.destroy();
      }
    },
    dispose: () => kysely.destroy(),
  };
}

function dialectOf(url: string, connectTimeoutMs: number, queryTimeoutMs: number) {
  if (url.startsWith('sqlite:')) return createSqliteDialect({ path: url.slice('sqlite:'.length) });
  if (url.startsWith('mysql:'))
    return createMysqlDialect({ url, connectTimeoutMs, queryTimeoutMs });
  throw new TypeError('the database of users must be mysql://… or sqlite:…');
}

async function migrateToLatest(db: Kysely<Tables>): Promise<void> {
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateToLatest();
  if (error !== undefined) throw error;
}

async function untilNotRolledBack<Result>(
  work: () => Promise<Result>,
  timeoutMs: number,
): Promise<Result> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof SoundliftError) throw error;
      if (!isRolledBack(error) || performance.now() > deadlineMs) {
        throw new Unavailable('users', { cause: error });
      }
      await delay(2 + Math.random() * 8);
    }
  }
}

/**
 * Whether the database gave way to another transaction, having changed nothing: MySQL's
 * ER_LOCK_DEADLOCK, and SQLITE_BUSY with its extended codes (https://sqlite.org/rescode.html#busy).
 */
function isRolledBack(error: unknown): boolean {
  return numberIn(error, 'errno') === 1213 || (numberIn(error, 'errcode') & 0xff) === 5;
}

/** Whether a UNIQUE constraint has refused a row: MySQL's ER_DUP_ENTRY, SQLITE_CONSTRAINT_UNIQUE. */
export function isUniqueViolation(error: unknown): boolean {
  return numberIn(error, 'errno') === 1062 || numberIn(error, 'errcode') === 2067;
}

/** mysql2 numbers its errors in `errno`, node:sqlite in `errcode`. */
function numberIn(error: unknown, name: 'errno' | 'errcode'): number {
  if (typeof error !== 'object' || error === null) return 0;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'number' ? value : 0;
}
