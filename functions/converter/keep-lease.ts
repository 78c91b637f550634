import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { progressed } from '../../src/domain/conversion.ts';
import { Refused, SoundliftError } from '../../src/domain/errors.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { Progress } from '../../src/ports/transcoder.ts';

/** How long a converter may be silent before another may take its place. */
export const LEASE_MS = 30_000;
/** How often it says that it is alive, and how far it is. */
const RENEW_EVERY_MS = 1_000;

export interface LeaseKeeper extends AsyncDisposable {
  /** Fires when the lease is lost: the work is somebody else's now, or nobody's. */
  readonly signal: AbortSignal;
  /** Notes how far the work is; written with the next renewal. */
  readonly report: (progress: Progress) => void;
}

/**
 * Renews a lease until it is disposed of. A store that does not answer is borne as long as the lease
 * lasts; a record that is gone or in other hands ends it at once.
 */
export function keepLease(
  deps: { readonly conversions: ConversionStore; readonly clock: Clock },
  conversionId: string,
  token: string,
): LeaseKeeper {
  const lost = new AbortController();
  const startedAt = +deps.clock.now();
  let fraction = 0;
  let until = +deps.clock.now() + LEASE_MS;
  let renewal: Promise<void> | undefined;

  const renew = async () => {
    try {
      const now = deps.clock.now();
      const lease = { token, until: new Date(+now + LEASE_MS) };
      await changeConversion(deps.conversions, conversionId, (current) =>
        progressed(current, lease, progressAt(fraction, startedAt, +now), now),
      );
      until = +lease.until;
    } catch (error) {
      const isOver = error instanceof SoundliftError && error.retry === 'never';
      if (isOver || +deps.clock.now() >= until) {
        lost.abort(new Refused('lease-lost', 'the lease could not be renewed', { cause: error }));
      }
    }
  };

  const timer = setInterval(() => {
    if (renewal !== undefined || lost.signal.aborted) return;
    renewal = renew().finally(() => {
      renewal = undefined;
    });
  }, RENEW_EVERY_MS);

  return {
    signal: lost.signal,
    report: (progress) => {
      fraction = progress.fraction ?? fraction;
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await renewal;
    },
  };
}

/** What is left is expected to go as fast as what is done. */
function progressAt(fraction: number, startedAt: number, now: number) {
  const leftMs = fraction > 0 ? ((now - startedAt) * (1 - fraction)) / fraction : undefined;
  return {
    progress: fraction,
    expectedReadyAt: leftMs === undefined ? undefined : new Date(now + Math.round(leftMs)),
  };
}
