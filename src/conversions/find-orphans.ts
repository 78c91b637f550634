import { type Conversion, dueAt } from '../domain/conversion.ts';
import type { ConversionStore } from '../ports/conversion-store.ts';
import type { FileRef, FileStore, StoredFile } from '../ports/file-store.ts';

/** Longer than anything that writes a file lives, and longer than a clock is wrong. */
export const ORPHAN_AGE_MS = 24 * 60 * 60 * 1000;

/** A file that no record names: whoever wrote it has died, or its record was lost. */
export type Orphan = FileRef & StoredFile;

export interface OrphanPage {
  readonly orphans: readonly Orphan[];
  /** Whether a record names any file of the page. */
  readonly isAnyNamed: boolean;
  /** Where the next page begins; absent: this was the last one. */
  readonly next?: string | undefined;
}

/**
 * Looks at one page of a bucket. A record is there before its files, and goes after them, so that a file
 * without one is nobody's; that it also has to be a day old is for what nobody has thought of. What has a
 * name that is none of Soundlift's is not looked at.
 */
export async function findOrphans(
  { files, conversions }: { readonly files: FileStore; readonly conversions: ConversionStore },
  bucket: FileRef['bucket'],
  wanted: { readonly after?: string | undefined; readonly limit: number; readonly now: Date },
): Promise<OrphanPage> {
  const { items, next } = await files.list(bucket, wanted);
  const own = items.filter(({ key }) => isOwn(key));
  // After the files: a record that comes in between is that of a file which was not listed.
  const found = await conversions.findAll([...new Set(own.map(({ key }) => conversionIdOf(key)))]);
  const records = new Map(found.map((conversion) => [conversion.id, conversion]));
  const isNamed = ({ key }: StoredFile) => {
    const record = records.get(conversionIdOf(key));
    return record !== undefined && names(record, { bucket, key });
  };
  const orphans = own
    .filter((file) => !isNamed(file) && +file.changedAt <= +wanted.now - ORPHAN_AGE_MS)
    .map((file) => ({ bucket, ...file }));
  return { orphans, isAnyNamed: own.some(isNamed), ...(next !== undefined && { next }) };
}

/** Whether the file is the record's. One that is at rest has nothing any more, but for a ready one's MP3. */
function names(conversion: Conversion, { bucket, key }: FileRef): boolean {
  const isAtRest = conversion.state !== 'ready' && dueAt(conversion) === undefined;
  if (isAtRest) return false;
  return bucket === 'videos' ? key === conversion.id : conversion.audioKeys.includes(key);
}

const OWN_KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.|$)/;

function isOwn(key: string): boolean {
  return OWN_KEY.test(key);
}

/** `<id>` of a video, `<id>.<lease>` of an MP3. */
function conversionIdOf(key: string): string {
  return key.split('.', 1)[0] ?? key;
}
