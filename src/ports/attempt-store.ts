/** How often something may be tried. */
export interface AttemptLimit {
  /** What is counted, up to 64 characters; nothing that may not be stored. */
  readonly key: string;
  /** At least 1. */
  readonly max: number;
  /** From the first attempt on; then the count begins anew. */
  readonly windowMs: number;
}

/**
 * Counts attempts, for every function that asks.
 *
 * Promises, which `tests/contract/attempt-store.contract.ts` checks:
 * - of any number of concurrent `take` calls with one key no more than `max` are let through until the
 *   window has ended;
 * - what has ended is removed in the course of time, by `take`;
 * - every method rejects with `Unavailable('users')` when the database does not answer in time.
 */
export interface AttemptStore {
  /**
   * Counts an attempt at each limit, in the order given, up to and with the first that is exceeded.
   *
   * @returns when that one may be tried again; `undefined`: none is exceeded
   */
  take(limits: readonly AttemptLimit[], now: Date): Promise<Date | undefined>;
  /** Begins their counts anew. */
  clear(keys: readonly string[]): Promise<void>;
  /** Notes something that is no count, until then. */
  note(key: string, until: Date): Promise<void>;
  isNoted(key: string, now: Date): Promise<boolean>;
}
