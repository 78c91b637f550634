import { Refused } from '../../src/domain/errors.ts';
import type { Identity, User } from '../../src/domain/user.ts';
import type { UserStore } from '../../src/ports/user-store.ts';
import { isAdmin } from './admin.ts';

export interface ListUsersDeps {
  readonly users: UserStore;
  readonly adminEmails: readonly string[];
}

export interface ListUsersInput {
  /** Who asks. */
  readonly by: Identity;
  readonly skip: number;
  readonly limit: number;
}

/**
 * Every user, oldest first.
 *
 * @throws {Refused} `not-allowed` when an ordinary user asks
 */
export async function listUsers(deps: ListUsersDeps, input: ListUsersInput): Promise<User[]> {
  if (!isAdmin(input.by, deps.adminEmails)) {
    throw new Refused('not-allowed', 'only administrators may list users');
  }
  return deps.users.list({ skip: input.skip, limit: input.limit });
}
