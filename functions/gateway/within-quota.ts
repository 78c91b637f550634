import { setTimeout as delay } from 'node:timers/promises';
import type { Conversion } from '../../src/domain/conversion.ts';
import {
  bytesLeft,
  expectFewBegun,
  expectStorage,
  expectWithin,
  isWithin,
  type Quota,
  quotaExceeded,
} from '../../src/domain/quota.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';

export interface QuotaDeps {
  readonly conversions: ConversionStore;
  readonly clock: Clock;
  readonly quota: Quota;
}

/** How often it is looked whether those that came later have given way, and how long apart. */
const LOOKS = 20;
const LOOK_INTERVAL_MS = 50;

/**
 * Makes the record of a new conversion, within what its owner may have. It is made first and counted
 * then: of any number at the same time none gets in beyond the limit. Where not all fit, those that came
 * later give way.
 *
 * @throws {Limited} `too-many-conversions`, `daily-limit-reached`
 * @throws {Refused} `quota-exceeded`
 */
export async function createWithinQuota(deps: QuotaDeps, conversion: Conversion): Promise<void> {
  const { conversions, clock, quota } = deps;
  const { userId } = conversion.owner;
  await conversions.create(conversion);
  try {
    await expectWithinQuota(deps, conversion);
    if (quota.conversionsPerDay > 0) {
      const now = clock.now();
      expectFewBegun(await conversions.countBegun(userId, now), quota, now);
    }
  } catch (error) {
    // What cannot be removed now is an upload that never ends: janitor removes those.
    await conversions.remove(conversion.id).catch(() => undefined);
    throw error;
  }
}

async function expectWithinQuota(
  { conversions, quota }: QuotaDeps,
  { id, owner: { userId } }: Conversion,
): Promise<void> {
  if (quota.bytes === 0 && quota.conversionsAtOnce === 0) return;
  for (let look = 0; look < LOOKS; look += 1) {
    if (isWithin(await conversions.usageOf(userId), quota)) return;
    expectWithin(await conversions.usageOf(userId, id), quota);
    await delay(LOOK_INTERVAL_MS);
  }
  expectWithin(await conversions.usageOf(userId), quota);
}

/** @throws {Refused} `quota-exceeded` when more is kept, or going to be, than may be */
export async function expectStorageWithinQuota(deps: QuotaDeps, userId: string): Promise<void> {
  const { conversions, quota } = deps;
  if (quota.bytes > 0) expectStorage(await conversions.usageOf(userId), quota);
}

/** Content whose length nobody has said: it breaks off with `quota-exceeded` where there is no more room. */
export async function* withinQuota(
  { conversions, quota }: QuotaDeps,
  userId: string,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let left = quota.bytes > 0 ? bytesLeft(await conversions.usageOf(userId), quota) : Infinity;
  for await (const piece of content) {
    if (piece.byteLength > left) {
      if (left > 0) yield piece.subarray(0, left);
      throw quotaExceeded(quota);
    }
    left -= piece.byteLength;
    yield piece;
  }
}
