import type { PasswordHasher } from '../../ports/password-hasher.ts';
import { type BcryptThreads, createBcryptThreads } from './bcrypt-threads.ts';

/** bcrypt reads no more, and whoever gives it more must not be told that the rest does not matter. */
const MAX_BYTES = 72;

/** At a quarter of a second each and one at a time, the last one waits for as long as a request may. */
const MAX_WAITING = 64;

/**
 * bcrypt in JavaScript, which is no binary to build, in threads of its own.
 *
 * `cost` is the logarithm of the number of rounds. Hashes made at another cost still verify, but
 * their time then tells them from addresses that nobody has.
 */
export function createBcryptPasswordHasher({
  cost = 12,
  threads = createBcryptThreads({ maxWaiting: MAX_WAITING }),
}: {
  readonly cost?: number;
  readonly threads?: BcryptThreads;
} = {}): PasswordHasher {
  return {
    async hash(password) {
      if (isTooLong(password)) throw new RangeError('bcrypt would cut this password');
      return String(await threads.run({ kind: 'hash', password, cost }));
    },

    async verify(password, hash) {
      const matches = await threads.run({ kind: 'verify', password, hash, cost });
      return matches === true && !isTooLong(password);
    },
  };
}

function isTooLong(password: string): boolean {
  return Buffer.byteLength(password, 'utf8') > MAX_BYTES;
}
