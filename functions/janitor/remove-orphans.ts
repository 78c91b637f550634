import { findOrphans } from '../../src/conversions/find-orphans.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import type { FileRef } from '../../src/ports/file-store.ts';

const BUCKETS: readonly FileRef['bucket'][] = ['videos', 'mp3s'];
/** Of each bucket, in each run. */
const PAGE_FILES = 100;

export interface OrphanReport {
  readonly removed: number;
  /** Left, since no file at all has had a record so far: somebody has to see where the records are. */
  readonly suspicious: number;
}

/**
 * Removes files that no record names, a page of each bucket with every call. It goes on where the call
 * before has ended and begins anew at the end. A process knows nothing of the one before, so that it
 * begins anywhere: otherwise short lives would never see the later files.
 *
 * Nothing is removed before some file was seen that has a record: where none has one, CONVERSIONS_URL may
 * name another database.
 */
export function createOrphanWalk(
  deps: Pick<SettleDeps, 'files' | 'conversions' | 'clock'>,
): () => Promise<OrphanReport> {
  const seen = { isAnyNamed: false };
  const walks = BUCKETS.map((bucket) => createBucketWalk(deps, bucket, seen));
  return async () => {
    let removed = 0;
    let suspicious = 0;
    for (const walk of walks) {
      const report = await walk();
      removed += report.removed;
      suspicious += report.suspicious;
    }
    return { removed, suspicious };
  };
}

function createBucketWalk(
  deps: Pick<SettleDeps, 'files' | 'conversions' | 'clock'>,
  bucket: FileRef['bucket'],
  seen: { isAnyNamed: boolean },
): () => Promise<OrphanReport> {
  let isBegun = false;
  let after: string | undefined;
  return async () => {
    if (!isBegun) after = await anyPlace(deps, bucket);
    isBegun = true;
    const wanted = { after, limit: PAGE_FILES, now: deps.clock.now() };
    const { orphans, isAnyNamed, next } = await findOrphans(deps, bucket, wanted);
    seen.isAnyNamed ||= isAnyNamed;
    if (!seen.isAnyNamed) {
      after = next;
      return { removed: 0, suspicious: orphans.length };
    }
    for (const orphan of orphans) await deps.files.remove(orphan);
    after = next;
    return { removed: orphans.length, suspicious: 0 };
  };
}

/** Keys begin with the time of their conversion: RFC 9562, section 5.7. */
async function anyPlace(
  { files, clock }: Pick<SettleDeps, 'files' | 'clock'>,
  bucket: FileRef['bucket'],
): Promise<string | undefined> {
  const [first] = (await files.list(bucket, { limit: 1 })).items;
  const beginMs = Number.parseInt(first?.key.slice(0, 13).replace('-', '') ?? '', 16);
  const spanMs = clock.now().getTime() - beginMs;
  if (!(spanMs > 0)) return undefined;
  const hex = Math.floor(beginMs + Math.random() * spanMs).toString(16);
  const digits = hex.padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
