import { type Kysely, MysqlAdapter, type RawBuilder, sql } from 'kysely';

/**
 * Ends a `CREATE TABLE` so that texts are equal when their characters are. To MySQL "rené" and
 * "rene" are the same unless told otherwise; SQLite compares bytes anyway.
 */
export function exactText(db: Kysely<unknown>): RawBuilder<unknown> {
  const isMysql = db.getExecutor().adapter instanceof MysqlAdapter;
  return isMysql ? sql`character set utf8mb4 collate utf8mb4_bin` : sql``;
}
