import { v7 as uuidv7 } from 'uuid';
import { checkPassword, normalizeEmail, type User } from '../../src/domain/user.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { PasswordHasher } from '../../src/ports/password-hasher.ts';
import type { UserStore } from '../../src/ports/user-store.ts';

export interface RegisterUserDeps {
  readonly users: UserStore;
  readonly passwords: PasswordHasher;
  readonly clock: Clock;
}

export interface RegisterUserInput {
  readonly email: string;
  readonly password: string;
  readonly fullName: string;
}

/**
 * @throws {InvalidInput} when the password breaks `checkPassword`'s rules
 * @throws {Refused} `email-taken`
 */
export async function registerUser(
  deps: RegisterUserDeps,
  input: RegisterUserInput,
): Promise<User> {
  checkPassword(input.password);

  const user: User = {
    id: uuidv7(),
    email: normalizeEmail(input.email),
    fullName: input.fullName,
    passwordHash: await deps.passwords.hash(input.password),
    createdAt: deps.clock.now(),
  };
  await deps.users.add(user);
  return user;
}
