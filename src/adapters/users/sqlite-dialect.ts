import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import {
  type Dialect,
  type DialectAdapter,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
} from 'kysely';

/** Kysely's SQLite over `node:sqlite` instead of better-sqlite3. */
export function createSqliteDialect({ path }: { readonly path: string }): Dialect {
  return new NodeSqliteDialect({
    database: async () => {
      const { DatabaseSync } = await import('node:sqlite');
      await mkdir(dirname(path), { recursive: true });
      // `node:sqlite` waits for a lock by stopping the whole process, and whoever holds the lock may
      // be in this very process. So it does not wait at all, and UsersDatabase tries again instead.
      const database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
      try {
        database.exec('PRAGMA journal_mode = WAL');
      } catch (error) {
        database.close();
        throw error;
      }
      return toKysely(database);
    },
  });
}

/**
 * Makes Kysely run all migrations in one transaction, which it does not do for SQLite by itself. Two
 * processes that migrate at once thereby cannot both succeed: the slower one gets SQLITE_BUSY.
 */
class NodeSqliteDialect extends SqliteDialect {
  override createAdapter(): DialectAdapter {
    return new TransactionalDdlAdapter();
  }
}

class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function toKysely(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(toSqlite)),
        run: (parameters) => statement.run(...parameters.map(toSqlite)),
        iterate: (parameters) => statement.iterate(...parameters.map(toSqlite)),
      };
    },
  };
}

function toSqlite(value: unknown): SQLInputValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  throw new TypeError(`SQLite takes no ${typeof value} here`);
}
