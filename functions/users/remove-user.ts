import { Refused } from '../../src/domain/errors.ts';
import type { Identity } from '../../src/domain/user.ts';
import type { UserStore } from '../../src/ports/user-store.ts';
import { isAdmin } from './admin.ts';

export interface RemoveUserDeps {
  readonly users: UserStore;
  readonly adminEmails: readonly string[];
}

export interface RemoveUserInput {
  /** Who asks. */
  readonly by: Identity;
  /** Who is to go. */
  readonly userId: string;
}

/**
 * Removes a user and all sessions of theirs.
 *
 * @throws {Refused} `not-allowed` when somebody else than the user or an administrator asks
 * @throws {Refused} `not-found`
 */
export async function removeUser(deps: RemoveUserDeps, input: RemoveUserInput): Promise<void> {
  if (input.by.userId !== input.userId && !isAdmin(input.by, deps.adminEmails)) {
    throw new Refused('not-allowed', 'only administrators may remove other users');
  }
  const wasThere = await deps.users.remove(input.userId);
  if (!wasThere) throw new Refused('not-found', 'there is no such user');
}
