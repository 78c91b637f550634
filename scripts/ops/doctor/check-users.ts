import { Migrator, sql } from 'kysely';
import { openUsersDatabase, type UsersDatabase } from '../../../src/adapters/users/database.ts';
import { migrationProvider } from '../../../src/adapters/users/migrations/migration-provider.ts';
import { asked, type Finding, TIMEOUT_MS } from './finding.ts';

/** MySQL, or the file in its place: its version, its clock, and whether its tables are up to date. */
export async function checkUsers(url: string): Promise<Finding[]> {
  const database = openUsersDatabase({ url, timeoutMs: TIMEOUT_MS });
  const isSqlite = url.startsWith('sqlite:');
  const part = isSqlite ? 'users (SQLite)' : 'users (MySQL)';
  const todo = isSqlite
    ? 'Run npm start once, which makes the file.'
    : 'Is MySQL running, and do host, user, password and database of USERS_URL fit?';
  try {
    const findings = await asked(part, todo, () => versionOf(database, isSqlite));
    if (findings.some(({ level }) => level === 'fail')) return findings;
    return [...findings, await migrationsOf(database, part)];
  } finally {
    await database.dispose();
  }
}

async function versionOf(database: UsersDatabase, isSqlite: boolean) {
  const query = isSqlite
    ? sql<{ version: string; ms: number }>`SELECT sqlite_version() AS version, 0 AS ms`
    : sql<{
        version: string;
        ms: number;
      }>`SELECT version() AS version, unix_timestamp(now(3)) * 1000 AS ms`;
  const { rows } = await database.run((db) => query.execute(db));
  const [{ version = '', ms = 0 } = {}] = rows;
  const time = new Date(Number(ms));
  return { version, ...(!isSqlite && { time }) };
}

async function migrationsOf(database: UsersDatabase, part: string): Promise<Finding> {
  const migrations = await database.run((db) =>
    new Migrator({ db, provider: migrationProvider }).getMigrations(),
  );
  const missing = migrations.filter(({ executedAt }) => executedAt === undefined);
  if (missing.length === 0) {
    return { level: 'ok', part, says: `all ${migrations.length} migrations are done` };
  }
  const names = missing.map(({ name }) => name).join(', ');
  return {
    level: 'fail',
    part,
    says: `migrations are missing: ${names}`,
    todo: 'npm run prepare:stores, with USERS_URL in the environment; npm start does it by itself.',
  };
}
