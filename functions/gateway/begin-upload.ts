import { type Conversion, newConversion } from '../../src/domain/conversion.ts';
import { InvalidInput } from '../../src/domain/errors.ts';
import type { ConversionOptions } from '../../src/domain/media.ts';
import { newUpload, newUploadLease } from '../../src/domain/upload.ts';
import type { Identity } from '../../src/domain/user.ts';
import { displayFileName } from './file-name.ts';
import { createWithinQuota, type QuotaDeps } from './within-quota.ts';

/** A video that is going to come in parts. */
export interface Announcement {
  readonly id: string;
  readonly owner: Identity;
  readonly fileName: string;
  readonly options: ConversionOptions;
  readonly lengthBytes?: number | undefined;
  /** What its sender said of it, to the letter. */
  readonly metadata?: string | undefined;
  /** Its first part comes with it. */
  readonly leaseToken: string;
}

/**
 * Makes the record that the parts of a video are counted in: the upload is the conversion, in its
 * first state.
 *
 * @throws {InvalidInput} when there will be no byte
 * @throws {Limited | Refused} when its owner has had their share
 */
export async function beginUpload(deps: QuotaDeps, announced: Announcement): Promise<Conversion> {
  const { id, owner, options, lengthBytes, metadata, leaseToken } = announced;
  expectBytes(lengthBytes);
  const now = deps.clock.now();
  const lease = newUploadLease(leaseToken, now);
  const conversion = newConversion(
    {
      id,
      owner: { userId: owner.userId, email: owner.email },
      fileName: displayFileName(announced.fileName),
      options,
      upload: newUpload({ lengthBytes, metadata, lease }, now),
    },
    now,
  );
  await createWithinQuota(deps, conversion);
  return conversion;
}

/** @throws {InvalidInput} */
export function expectBytes(lengthBytes: number | undefined): void {
  if (lengthBytes === 0) throw new InvalidInput([{ field: 'Upload-Length', message: 'is 0' }]);
}
