import { Refused } from '../../src/domain/errors.ts';
import type { User } from '../../src/domain/user.ts';
import type { UserStore } from '../../src/ports/user-store.ts';

/** @throws {Refused} `not-found`, which whoever has removed themselves sees until their token runs out */
export async function showUser(
  deps: { readonly users: UserStore },
  input: { readonly userId: string },
): Promise<User> {
  const user = await deps.users.find(input.userId);
  if (!user) throw new Refused('not-found', 'there is no such user');
  return user;
}
