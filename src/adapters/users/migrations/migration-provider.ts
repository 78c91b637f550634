import type { MigrationProvider } from 'kysely';
import { users } from './0001-users.ts';
import { sessions } from './0002-sessions.ts';
import { attempts } from './0003-attempts.ts';

/**
 * Every migration, in code: the functions are bundled, so that no folder could be read. A migration
 * is never edited once it is merged. MySQL cannot roll `CREATE TABLE` back, so a migration must
 * also succeed where it was cut off before.
 */
export const migrationProvider: MigrationProvider = {
  getMigrations: async () => ({
    '0001-users': users,
    '0002-sessions': sessions,
    '0003-attempts': attempts,
  }),
};
