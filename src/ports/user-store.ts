import type { User } from '../domain/user.ts';

/**
 * Keeps users. Addresses come in normalised (`normalizeEmail`) and are unique.
 *
 * Promises, which `tests/contract/user-store.contract.ts` checks:
 * - of any number of concurrent `add` calls with one address exactly one succeeds;
 * - what was answered survives a restart;
 * - every method rejects with `Unavailable('users')` when the database does not answer in time.
 */
export interface UserStore {
  /** @throws {Refused} `email-taken` */
  add(user: User): Promise<void>;
  find(id: string): Promise<User | undefined>;
  findByEmail(email: string): Promise<User | undefined>;
  /** Oldest first. */
  list(page: { readonly skip: number; readonly limit: number }): Promise<User[]>;
  /** Removes the user and every session of theirs. False when there was no such user. */
  remove(id: string): Promise<boolean>;
  /** Resolves when a query has been answered. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}
