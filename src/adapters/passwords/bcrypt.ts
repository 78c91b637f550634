import type { PasswordHasher } from '../../ports/password-hasher.ts';

/**
 * bcrypt in JavaScript: no binary to build, and it lets other work in between.
 *
 * `cost` is the logarithm of the number of rounds. Hashes made at another cost still verify, but
 * their time then tells them from addresses that nobody has.
 */
export function createBcryptPasswordHasher({
  cost = 12,
}: {
  readonly cost?: number;
} = {}): PasswordHasher {
  let dummyHash: string | undefined;

  return {
    async hash(password) {
      const { hash, truncates } = await import('bcryptjs');
      if (truncates(password)) throw new RangeError('bcrypt would cut this password');
      return hash(password, cost);
    },

    async verify(password, hash) {
      const { compare, genSalt, truncates } = await import('bcryptjs');
      // Salt and cost decide how long it takes; no password is known that gives these 31 zeros.
      dummyHash ??= (await genSalt(cost)) + '.'.repeat(31);
      const matches = await compare(password, hash ?? dummyHash);
      return matches && hash !== undefined && !truncates(password);
    },
  };
}
