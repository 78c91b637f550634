import type { Kysely, Migration } from 'kysely';
import { exactText } from './exact-text.ts';

export const attempts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('attempts')
      .ifNotExists()
      .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('made', 'integer', (column) => column.notNull())
      .addColumn('ends_at_ms', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('attempts_by_end', ['ends_at_ms', 'id'])
      .modifyEnd(exactText(db))
      .execute();
  },
};
