import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { type SettleDeps, settleConversion } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, dueAt, isClaimable, requeued } from '../../src/domain/conversion.ts';

/**
 * Moves on what got stuck: a conversion whose converter has died is queued again, and a message that
 * is owed but unconfirmed is published. Whoever was late comes second and changes nothing.
 */
export async function republishStuck(deps: SettleDeps, conversion: Conversion): Promise<void> {
  const current = await changeConversion(deps.conversions, conversion.id, (found) => {
    const now = deps.clock.now();
    const isAbandoned = found.state === 'converting' && isClaimable(found, now);
    return isAbandoned ? requeued(found, now) : found;
  });
  const wasAbandoned = conversion.state === 'converting' && current.state === 'queued';
  if (wasAbandoned || isOverdue(current, deps.clock.now())) await settleConversion(deps, current);
}

function isOverdue(conversion: Conversion, now: Date): boolean {
  const due = dueAt(conversion);
  return due !== undefined && due <= now;
}
