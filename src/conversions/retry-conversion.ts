import {
  type Conversion,
  isClaimable,
  isRedrivable,
  isUntold,
  owedAgain,
  requeued,
} from '../domain/conversion.ts';
import { changeConversion } from './change-conversion.ts';
import { effectOnOther, redriveConversion } from './redrive-conversion.ts';
import { type SettleDeps, settleConversion } from './settle-conversion.ts';

export interface RetryResult {
  readonly isRetried: boolean;
  /** What happens now, or why nothing does, in words for whoever has asked for it. */
  readonly effect: string;
}

/**
 * Does at once what should come next for a conversion, with or without a dead letter: one that was given up
 * begins anew (as `redriveConversion` has it), one that nobody is at is asked for again, and an owner who has
 * not heard is told. Where nothing should come next, it is left as it is.
 *
 * @throws {Unavailable} when the message cannot be published; *janitor* does that later
 */
export async function retryConversion(
  deps: SettleDeps,
  conversionId: string,
): Promise<RetryResult> {
  const { conversions, clock } = deps;
  const found = await conversions.find(conversionId);
  if (found === undefined) return { isRetried: false, effect: 'there is no such conversion' };
  if (isRedrivable(found)) return await beginAnew(deps, conversionId);
  if (isClaimable(found, clock.now())) {
    await changeAndSettle(deps, found, (current) =>
      isClaimable(current, clock.now()) ? requeued(current, clock.now()) : current,
    );
    return { isRetried: true, effect: 'it is converted as soon as a converter is free' };
  }
  if (isUntold(found)) {
    await changeAndSettle(deps, found, (current) => owedAgain(current, clock.now()));
    return { isRetried: true, effect: 'its owner is told' };
  }
  const isBusy = found.state === 'converting';
  const effect = isBusy ? 'does nothing: a converter is at it' : effectOnOther(found);
  return { isRetried: false, effect };
}

async function beginAnew(deps: SettleDeps, conversionId: string): Promise<RetryResult> {
  const queue = 'video.uploaded';
  const { isReopened, effect } = await redriveConversion(deps, { queue, conversionId });
  const reopened = isReopened ? await deps.conversions.find(conversionId) : undefined;
  if (reopened !== undefined) await settleConversion(deps, reopened);
  return { isRetried: isReopened, effect };
}

async function changeAndSettle(
  deps: SettleDeps,
  found: Conversion,
  transition: (current: Conversion) => Conversion,
): Promise<void> {
  await settleConversion(deps, await changeConversion(deps.conversions, found, transition));
}
