import { type Selectable, sql } from 'kysely';
import { Refused } from '../../domain/errors.ts';
import type { User } from '../../domain/user.ts';
import type { UserStore } from '../../ports/user-store.ts';
import { isUniqueViolation, type Tables, type UsersDatabase } from './database.ts';

/** Keeps users in the table `users`. `dispose` closes the database, for the sessions as well. */
export function createSqlUserStore(db: UsersDatabase): UserStore {
  return {
    add: (user) =>
      db.run(async (kysely) => {
        await kysely
          .insertInto('users')
          .values(toRow(user))
          .execute()
          .catch((cause) => {
            if (!isUniqueViolation(cause)) throw cause;
            throw new Refused('email-taken', 'somebody has registered with this address', {
              cause,
            });
          });
      }),

    find: (id) => findWhere(db, 'id', id),

    findByEmail: (email) => findWhere(db, 'email', email),

    async list({ skip, limit }) {
      const rows = await db.run((kysely) =>
        kysely
          .selectFrom('users')
          .selectAll()
          .orderBy('created_at_ms')
          .orderBy('id')
          .limit(limit)
          .offset(skip)
          .execute(),
      );
      return rows.map(toUser);
    },

    async remove(id) {
      const { numDeletedRows } = await db.run((kysely) =>
        kysely.deleteFrom('users').where('id', '=', id).executeTakeFirstOrThrow(),
      );
      return numDeletedRows > 0n;
    },

    async ping() {
      await db.run((kysely) => sql`select 1`.execute(kysely));
    },

    dispose: () => db.dispose(),
  };
}

async function findWhere(
  db: UsersDatabase,
  column: 'id' | 'email',
  value: string,
): Promise<User | undefined> {
  const row = await db.run((kysely) =>
    kysely.selectFrom('users').selectAll().where(column, '=', value).executeTakeFirst(),
  );
  return row && toUser(row);
}

type UserRow = Selectable<Tables['users']>;

function toRow(user: User): UserRow {
  return {
    id: user.id,
    email: user.email,
    full_name: user.fullName,
    password_hash: user.passwordHash,
    created_at_ms: user.createdAt.getTime(),
  };
}

function toUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    fullName: row.full_name,
    passwordHash: row.password_hash,
    createdAt: new Date(row.created_at_ms),
  };
}
