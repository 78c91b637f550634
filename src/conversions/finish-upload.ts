import { type Conversion, queued } from '../domain/conversion.ts';
import { changeConversion } from './change-conversion.ts';
import { type SettleDeps, settleOrLeave } from './settle-conversion.ts';

/**
 * The last byte of an upload is there: makes the video appear whole and asks for its conversion.
 * Everybody who sees a complete upload may do this again; whoever is first publishes the message.
 */
export async function finishUpload(deps: SettleDeps, conversion: Conversion): Promise<Conversion> {
  const { id, upload } = conversion;
  const sizeBytes = upload?.offsetBytes ?? 0;
  await deps.files.complete({ bucket: 'videos', key: id }, sizeBytes);
  let isFirst = false;
  const stored = await changeConversion(deps.conversions, conversion, (current) => {
    isFirst = current.state === 'uploading';
    return isFirst ? queued(current, sizeBytes, deps.clock.now()) : current;
  });
  return isFirst ? await settleOrLeave(deps, stored) : stored;
}
