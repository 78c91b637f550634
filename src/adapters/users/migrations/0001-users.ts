import type { Kysely, Migration } from 'kysely';
import { exactText } from './exact-text.ts';

export const users: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('users')
      .ifNotExists()
      .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
      .addColumn('email', 'varchar(320)', (column) => column.notNull())
      .addColumn('full_name', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'varchar(255)', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addUniqueConstraint('users_email', ['email'])
      // An index, really: a constraint is the one kind that both databases take in `CREATE TABLE`.
      .addUniqueConstraint('users_by_age', ['created_at_ms', 'id'])
      .modifyEnd(exactText(db))
      .execute();
  },
};
