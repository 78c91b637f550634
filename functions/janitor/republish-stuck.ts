import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { finishUpload } from '../../src/conversions/finish-upload.ts';
import { type SettleDeps, settleConversion } from '../../src/conversions/settle-conversion.ts';
import {
  type Conversion,
  isClaimable,
  isDue,
  isOwedMail,
  isUploadUnfinished,
  owedAgain,
  requeued,
} from '../../src/domain/conversion.ts';

/**
 * Moves on what got stuck: an upload whose last byte has come is finished; a conversion that nobody
 * has begun, or whose converter has died, and one whose owner has not heard, are owed their message
 * again; and a message that is owed is published. Whoever was late comes second and changes nothing.
 */
export async function republishStuck(deps: SettleDeps, { id }: Conversion): Promise<void> {
  const current = await changeConversion(deps.conversions, id, (found) => {
    const now = deps.clock.now();
    if (found.outbox !== undefined || !isDue(found, now)) return found;
    if (isClaimable(found, now)) return requeued(found, now);
    return isOwedMail(found) ? owedAgain(found, now) : found;
  });
  if (isUploadUnfinished(current)) await finishUpload(deps, current);
  if (current.outbox !== undefined) await settleConversion(deps, current);
}
