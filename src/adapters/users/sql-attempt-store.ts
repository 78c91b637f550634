import { type Kysely, MysqlAdapter, sql } from 'kysely';
import type { AttemptLimit, AttemptStore } from '../../ports/attempt-store.ts';
import type { Tables, UsersDatabase } from './database.ts';

/** How many ended counts are removed at once: far more than are added meanwhile. */
const CLEANUP_BATCH = 1_000;
/** The first of a process, and then one of so many: each costs a question. */
const TAKES_PER_CLEANUP = 20;

/** Keeps counts in the table `attempts`. */
export function createSqlAttemptStore(db: UsersDatabase): AttemptStore {
  let takes = 0;
  return {
    async take(limits, now) {
      if (takes++ % TAKES_PER_CLEANUP === 0) {
        await db.run((kysely) => removeEnded(kysely, now.getTime()));
      }
      for (const limit of limits) {
        const made = await db.run((kysely) => count(kysely, limit, now.getTime()));
        if (made <= limit.max) continue;
        const counted = await db.run((kysely) => find(kysely, limit.key));
        // Without a row, somebody has begun it anew meanwhile.
        return new Date(counted?.ends_at_ms ?? now.getTime());
      }
      return undefined;
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
      db.run((kysely) => put(kysely, { id: key, made: 0, ends_at_ms: until.getTime() })),

    async isNoted(key, now) {
      const found = await db.run((kysely) => find(kysely, key));
      return found !== undefined && found.ends_at_ms > now.getTime();
    },
  };
}

/**
 * Counts and says how many there are now, in one statement, so that each of many at once learns the count
 * that it has made itself. MySQL has no RETURNING, but tells what LAST_INSERT_ID(expr) was given, and 0 for
 * a new row: https://dev.mysql.com/doc/refman/8.4/en/information-functions.html#function_last-insert-id
 */
async function count(
  kysely: Kysely<Tables>,
  { key, windowMs }: AttemptLimit,
  nowMs: number,
): Promise<number> {
  const endsAtMs = nowMs + windowMs;
  const insert = kysely.insertInto('attempts').values({ id: key, made: 1, ends_at_ms: endsAtMs });
  const made = sql<number>`case when ends_at_ms <= ${nowMs} then 1 else made + 1 end`;
  const ends = sql<number>`case when ends_at_ms <= ${nowMs} then ${endsAtMs} else ends_at_ms end`;
  if (isMysql(kysely)) {
    // It assigns from left to right: what decides is changed last.
    const change = { made: sql<number>`last_insert_id(${made})`, ends_at_ms: ends };
    const { insertId } = await insert.onDuplicateKeyUpdate(change).executeTakeFirstOrThrow();
    return Number(insertId ?? 1);
  }
  const counted = await insert
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ made, ends_at_ms: ends }))
    .returning('made')
    .executeTakeFirstOrThrow();
  return counted.made;
}

async function put(kysely: Kysely<Tables>, row: Tables['attempts']): Promise<void> {
  const insert = kysely.insertInto('attempts').values(row);
  const query = isMysql(kysely)
    ? insert.onDuplicateKeyUpdate(row)
    : insert.onConflict((conflict) => conflict.column('id').doUpdateSet(row));
  await query.execute();
}

const isMysql = (kysely: Kysely<Tables>) => kysely.getExecutor().adapter instanceof MysqlAdapter;

function find(kysely: Kysely<Tables>, key: string) {
  return kysely.selectFrom('attempts').selectAll().where('id', '=', key).executeTakeFirst();
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
