import { type Kysely, MysqlAdapter, sql, type Transaction } from 'kysely';
import type { AttemptLimit, AttemptStore } from '../../ports/attempt-store.ts';
import type { Tables, UsersDatabase } from './database.ts';

/** How many ended counts one attempt removes at most: more than it adds. */
const CLEANUP_BATCH = 100;

/** Keeps counts in the table `attempts`. */
export function createSqlAttemptStore(db: UsersDatabase): AttemptStore {
  return {
    async take(limits, now) {
      await db.run((kysely) => removeEnded(kysely, now.getTime()));
      return db.run((kysely) => kysely.transaction().execute((trx) => take(trx, limits, now)));
    },

    async clear(keys) {
      await db.run((kysely) =>
        kysely
          .deleteFrom('attempts')
          .where('id', 'in', [...keys])
          .execute(),
      );
    },

    note: (key, until) =>
      db.run((kysely) => upsert(kysely, { id: key, made: 0, ends_at_ms: until.getTime() })),

    async isNoted(key, now) {
      const found = await db.run((kysely) => find(kysely, key));
      return found !== undefined && found.ends_at_ms > now.getTime();
    },
  };
}

/**
 * Counts first and reads then: whoever counts holds the row until the end of the transaction, so that
 * each reads the count that it has made itself.
 */
async function take(
  trx: Transaction<Tables>,
  limits: readonly AttemptLimit[],
  now: Date,
): Promise<Date | undefined> {
  for (const { key, max, windowMs } of limits) {
    const nowMs = now.getTime();
    const endsAtMs = nowMs + windowMs;
    // MySQL assigns from left to right: what decides is changed last.
    await upsert(
      trx,
      { id: key, made: 1, ends_at_ms: endsAtMs },
      {
        made: sql<number>`case when ends_at_ms <= ${nowMs} then 1 else made + 1 end`,
        ends_at_ms: sql<number>`case when ends_at_ms <= ${nowMs} then ${endsAtMs} else ends_at_ms end`,
      },
    );
    const counted = await find(trx, key);
    if (counted !== undefined && counted.made > max) return new Date(counted.ends_at_ms);
  }
  return undefined;
}

type Row = Tables['attempts'];
type Change = Parameters<ReturnType<typeof insertOf>['onDuplicateKeyUpdate']>[0];

function insertOf(db: Kysely<Tables>, row: Row) {
  return db.insertInto('attempts').values(row);
}

/** One statement, which locks the row at once: to insert and then to update can end in a deadlock. */
async function upsert(
  db: Kysely<Tables>,
  row: Row,
  change: Exclude<Change, (...given: never[]) => unknown> = row,
): Promise<void> {
  const insert = insertOf(db, row);
  const isMysql = db.getExecutor().adapter instanceof MysqlAdapter;
  const query = isMysql
    ? insert.onDuplicateKeyUpdate(change)
    : insert.onConflict((conflict) => conflict.column('id').doUpdateSet(change));
  await query.execute();
}

function find(db: Kysely<Tables>, key: string): Promise<Row | undefined> {
  return db.selectFrom('attempts').selectAll().where('id', '=', key).executeTakeFirst();
}

/** By primary key, as `sql-session-store.ts` does; not those whose count has begun anew meanwhile. */
async function removeEnded(kysely: Kysely<Tables>, nowMs: number): Promise<void> {
  const ended = await kysely
    .selectFrom('attempts')
    .select('id')
    .where('ends_at_ms', '<=', nowMs)
    .orderBy('ends_at_ms')
    .limit(CLEANUP_BATCH)
    .execute();
  if (ended.length === 0) return;
  const ids = ended.map(({ id }) => id);
  await kysely
    .deleteFrom('attempts')
    .where('id', 'in', ids)
    .where('ends_at_ms', '<=', nowMs)
    .execute();
}
