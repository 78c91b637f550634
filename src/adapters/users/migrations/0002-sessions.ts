import type { Kysely, Migration } from 'kysely';
import { exactText } from './exact-text.ts';

/** The unique constraints that hold a primary key are indexes, as in `0001-users.ts`. */
export const sessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('sessions')
      .ifNotExists()
      .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
      .addColumn('user_id', 'varchar(36)', (column) => column.notNull())
      .addUniqueConstraint('sessions_by_user', ['user_id', 'id'])
      .addForeignKeyConstraint('sessions_user', ['user_id'], 'users', ['id'], (constraint) =>
        constraint.onDelete('cascade'),
      )
      .modifyEnd(exactText(db))
      .execute();

    await db.schema
      .createTable('refresh_tokens')
      .ifNotExists()
      .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('session_id', 'varchar(36)', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('used_at_ms', 'bigint')
      .addUniqueConstraint('refresh_tokens_by_session', ['session_id', 'token_hash'])
      .addUniqueConstraint('refresh_tokens_by_expiry', ['expires_at_ms', 'token_hash'])
      .addForeignKeyConstraint(
        'refresh_tokens_session',
        ['session_id'],
        'sessions',
        ['id'],
        (constraint) => constraint.onDelete('cascade'),
      )
      .modifyEnd(exactText(db))
      .execute();
  },
};
