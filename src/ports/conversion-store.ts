import type { Conversion, ConversionState } from '../domain/conversion.ts';
import type { Begun, Usage } from '../domain/quota.ts';

/** A page of somebody's conversions. */
export interface ConversionPage {
  readonly items: Conversion[];
  /** The id to pass as `before` for the next page; absent on the last one. */
  readonly next?: string | undefined;
}

interface WantedPage {
  /** At least 1. */
  readonly limit: number;
  /** An id; exclusive. It need not be that of a record which is there, or in `states`. */
  readonly before?: string | undefined;
  /** Only those in one of these states; absent: in any. */
  readonly states?: readonly ConversionState[] | undefined;
}

/**
 * Keeps the records of conversions. It knows nothing of what a change means: it stores a record
 * only onto the revision that it was made from, and so makes every change a compare-and-set.
 *
 * Promises, which `tests/contract/conversion-store.contract.ts` checks:
 * - of any number of concurrent `replace` calls from one revision exactly one succeeds;
 * - of any number of concurrent `countBegun` calls no two have the same count;
 * - what was answered survives a restart;
 * - a record comes back as it was given, dates to the millisecond, absent fields absent;
 * - every method rejects with `Unavailable('conversions')` when the database does not answer in time.
 */
export interface ConversionStore {
  /** @throws {Error} when the id is taken */
  create(conversion: Conversion): Promise<void>;
  find(id: string): Promise<Conversion | undefined>;
  /** Those of these ids that are there, in any order. */
  findAll(ids: readonly string[]): Promise<Conversion[]>;
  /** Newest first; `deleting` ones are not listed. */
  listByOwner(userId: string, wanted: WantedPage): Promise<ConversionPage>;
  /**
   * Stores `next` (whose revision is one higher) when the stored revision is still the one before.
   * False when it is not, or when there is no such record.
   */
  replace(next: Conversion): Promise<boolean>;
  /** Without effect when there is no such record. */
  remove(id: string): Promise<void>;
  /** Those whose `dueAt` (domain/conversion.ts) is `now` or earlier, the longest overdue first. */
  listDue(now: Date, limit: number): Promise<Conversion[]>;
  /** Of all of this user's records, as they are now; or of those up to this id, which is counted too. */
  usageOf(userId: string, upTo?: string): Promise<Usage>;
  /**
   * Counts one more conversion that this user has begun; what is removed stays counted. When the time
   * that is counted (`QUOTA_WINDOW_MS`) is over, the count begins anew.
   */
  countBegun(userId: string, now: Date): Promise<Begun>;
  /** Resolves when a query has been answered. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}
