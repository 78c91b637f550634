import { changeConversion } from '../../src/conversions/change-conversion.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, isVideoSpent, videoRemoved } from '../../src/domain/conversion.ts';

/** Removes the video that was kept after its conversion, when its time is over. */
export async function removeKeptVideo(deps: SettleDeps, { id }: Conversion): Promise<void> {
  await deps.files.remove({ bucket: 'videos', key: id });
  await changeConversion(deps.conversions, id, (current) => {
    const now = deps.clock.now();
    return isVideoSpent(current, now) ? videoRemoved(current, now) : current;
  });
}
