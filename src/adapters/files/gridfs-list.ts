import type { FilePage, StoredFile } from '../../ports/file-store.ts';
import { isKey, pageOfFiles } from './file-rules.ts';
import type { Bucket } from './gridfs-bucket.ts';

/** Each of the two is asked for a whole page, in the order of an index: what is behind it is not needed. */
export async function listBucket(
  { files, unfinished }: Bucket,
  after: string,
  limit: number,
): Promise<FilePage> {
  const wanted = { filename: { $gt: after } };
  const inOrder = { sort: { filename: 1 } as const, limit: limit + 1 };
  // In this order: a put that ends in between is found in one of the two.
  const begun = await unfinished.find(wanted, inOrder).toArray();
  const whole = await files.find(wanted, inOrder).toArray();
  const found: StoredFile[] = [
    ...begun.map(({ _id, filename }) => ({
      key: filename,
      sizeBytes: 0,
      changedAt: _id.getTimestamp(),
    })),
    ...whole.map(({ filename, length, uploadDate }) => ({
      key: filename,
      sizeBytes: length,
      changedAt: uploadDate,
    })),
  ];
  const page = pageOfFiles(found, limit);
  // A name may have many revisions: how far one kind was seen may be less than the other's page.
  const ends = [page.next, ...[begun, whole].map((kind) => kind[limit]?.filename)];
  const next = ends.filter((end) => end !== undefined).sort()[0];
  const items = page.items.filter(({ key }) => isKey(key) && (next === undefined || key <= next));
  return next === undefined ? { items } : { items, next };
}
