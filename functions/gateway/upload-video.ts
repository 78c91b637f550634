import { v7 as uuidv7 } from 'uuid';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import { type SettleDeps, settleOrLeave } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, newConversion, queued } from '../../src/domain/conversion.ts';
import type { ConversionOptions } from '../../src/domain/media.ts';
import type { Identity } from '../../src/domain/user.ts';
import { displayFileName } from './file-name.ts';
import { createWithinQuota, type QuotaDeps } from './within-quota.ts';

export interface Upload {
  readonly owner: Identity;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly content: AsyncIterable<Uint8Array>;
  readonly options: ConversionOptions;
}

/**
 * Takes in a video and asks for its conversion. Once it returns, nothing can lose the upload: the
 * video is stored, the record says that it is to be converted, and *janitor* publishes the message
 * when the broker does not take it now.
 *
 * @throws {Limited | Refused} when its owner has had their share
 */
export async function uploadVideo(
  deps: SettleDeps & QuotaDeps,
  upload: Upload,
): Promise<Conversion> {
  const { conversions, clock, files } = deps;
  const conversion = newConversion(
    {
      id: uuidv7(),
      owner: { userId: upload.owner.userId, email: upload.owner.email },
      fileName: displayFileName(upload.fileName),
      sizeBytes: upload.sizeBytes,
      options: upload.options,
    },
    clock.now(),
  );
  const { id } = conversion;
  await createWithinQuota(deps, conversion);
  try {
    const { sizeBytes } = await files.put({ bucket: 'videos', key: id }, upload.content);
    const stored = await changeConversion(conversions, id, (current) =>
      queued(current, sizeBytes, clock.now()),
    );
    return await settleOrLeave(deps, stored);
  } catch (error) {
    // The video by itself, since its owner may have removed the record. What cannot be removed now is
    // an upload that never ended: janitor removes those.
    await files.remove({ bucket: 'videos', key: id }).catch(() => undefined);
    if (!(await isCancelled(deps, id))) await eraseConversion(deps, id).catch(() => undefined);
    throw error;
  }
}

/** Its owner has ended it from elsewhere, and finds it as such. */
async function isCancelled({ conversions }: SettleDeps, id: string): Promise<boolean> {
  const conversion = await conversions.find(id).catch(() => undefined);
  return conversion?.state === 'cancelled';
}
