import {
  type Conversion,
  isRedrivable,
  isUnderWay,
  isUntold,
  needsVideo,
  redriven,
} from '../domain/conversion.ts';
import type { MessageName } from '../domain/messages.ts';
import { changeConversion } from './change-conversion.ts';
import type { SettleDeps } from './settle-conversion.ts';

export interface RedriveResult {
  /** The conversion is as new, and owes the message that is put back. */
  readonly isReopened: boolean;
  /** What the message will do, in words for whoever has asked for it. */
  readonly effect: string;
}

/**
 * Prepares a conversion for a dead letter that is put back: one that was given up for a reason that was
 * not its video's is queued again, when the video is still there. Every other one is left as it is.
 */
export async function redriveConversion(
  deps: Pick<SettleDeps, 'files' | 'conversions' | 'clock'>,
  { queue, conversionId }: { readonly queue: MessageName; readonly conversionId: string },
): Promise<RedriveResult> {
  const found = await deps.conversions.find(conversionId);
  if (found === undefined) return unchanged('does nothing: the conversion has been removed');
  if (queue !== 'video.uploaded') return unchanged(effectOnMail(found, queue));
  if (!isRedrivable(found)) return unchanged(effectOnOther(found));
  const video = await deps.files.stat({ bucket: 'videos', key: conversionId });
  if (video === undefined)
    return unchanged('does nothing: it has failed, and its video is missing');
  let isReopened = false;
  await changeConversion(deps.conversions, found, (current) => {
    isReopened = isRedrivable(current);
    return isReopened ? redriven(current, deps.clock.now()) : current;
  });
  if (!isReopened) return unchanged('does nothing: somebody else has changed the conversion');
  return { isReopened, effect: 'converts it anew' };
}

function unchanged(effect: string): RedriveResult {
  return { isReopened: false, effect };
}

function effectOnMail(conversion: Conversion, queue: MessageName): string {
  const isOfItsState =
    queue === (conversion.state === 'ready' ? 'audio.ready' : 'conversion.failed');
  if (isUntold(conversion) && isOfItsState) return 'tells its owner';
  if (conversion.notifiedAt !== undefined) return 'does nothing: its owner has been told';
  return `does nothing: it is ${conversion.state}, and there is nothing to tell`;
}

/** What asking for its conversion does to one that is not to be begun anew, in words. */
export function effectOnOther(conversion: Conversion): string {
  if (isUnderWay(conversion)) return 'converts it, unless somebody is at it';
  if (conversion.state !== 'failed') return `does nothing: it is ${conversion.state}`;
  const code = conversion.error?.code;
  if (needsVideo(conversion)) {
    return `does nothing: it has failed (${code}), and its video is not kept any more`;
  }
  return `does nothing: it has failed for its video (${code}); another attempt would, too`;
}
