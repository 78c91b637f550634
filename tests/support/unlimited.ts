import type { Quota } from '../../src/domain/quota.ts';

/** For what is not about quotas. */
export const UNLIMITED: Quota = { bytes: 0, conversionsPerDay: 0, conversionsAtOnce: 0 };
