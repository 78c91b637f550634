import { v7 as uuidv7 } from 'uuid';
import { checkPassword, normalizeEmail, type User } from '../../src/domain/user.ts';
import type { PasswordHasher } from '../../src/ports/password-hasher.ts';
import type { UserStore } from '../../src/ports/user-store.ts';
import { countRegistration, type ThrottleDeps } from './throttle.ts';

export interface RegisterUserDeps extends ThrottleDeps {
  readonly users: UserStore;
  readonly passwords: PasswordHasher;
}

export interface RegisterUserInput {
  readonly email: string;
  readonly password: string;
  readonly fullName: string;
  /** Where the request comes from. */
  readonly address: string;
}

/**
 * @throws {InvalidInput} when the password breaks `checkPassword`'s rules
 * @throws {Refused} `email-taken`
 * @throws {Limited} `too-many-attempts`
 */
export async function registerUser(
  deps: RegisterUserDeps,
  input: RegisterUserInput,
): Promise<User> {
  checkPassword(input.password);
  await countRegistration(deps, input.address);

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
