import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { removeSpentFiles, type SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, cancelled, isCancellable } from '../../src/domain/conversion.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { Identity } from '../../src/domain/user.ts';
import { showConversion } from './show-conversion.ts';

/**
 * Stops one's own conversion and removes its video; the record stays and says so. A converter that is
 * at it sees with the next renewal of its lease that it has none, and a message that waits finds nothing
 * to do. Cancelled again, it is as it was.
 *
 * @throws {Refused} `not-found`, or `already-ended` when there is nothing to stop any more
 */
export async function cancelConversion(
  deps: Pick<SettleDeps, 'conversions' | 'files' | 'clock'>,
  input: { readonly owner: Identity; readonly id: string },
): Promise<Conversion> {
  const own = await showConversion(deps, input);
  const conversion = await changeConversion(deps.conversions, own, (current) => {
    if (current.state === 'cancelled') return current;
    if (!isCancellable(current)) throw alreadyEnded(current);
    return cancelled(current, deps.clock.now());
  });
  await removeSpentFiles(deps.files, conversion);
  return conversion;
}

function alreadyEnded({ state }: Conversion): Refused {
  return state === 'deleting'
    ? new Refused('not-found', 'There is no such conversion.')
    : new Refused('already-ended', `There is nothing to cancel: the conversion is ${state}.`);
}
