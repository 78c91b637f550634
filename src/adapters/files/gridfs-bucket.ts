import type { Collection, Db, ObjectId } from 'mongodb';
import type { FileRef } from '../../ports/file-store.ts';
import { CHUNK_BYTES } from './chunks.ts';

/** The documents of https://github.com/mongodb/specifications/blob/master/source/gridfs/gridfs-spec.md */
interface FileDocument {
  readonly _id: ObjectId;
  readonly filename: string;
  readonly length: number;
  readonly chunkSize: number;
  readonly uploadDate: Date;
}

interface ChunkDocument {
  readonly files_id: ObjectId;
  readonly n: number;
  readonly data: Buffer;
  /** Not of GridFS, and only where appends write: changes with `data` (gridfs-append.ts). */
  readonly stamp?: string;
}

/**
 * Not of GridFS: names chunks that may have no file, because a put or a removal is under way or has
 * died. Chunks know only the id of their file, so nothing else could find them. It is a collection
 * of its own because a field in the chunks would need an index over all of them, and because it also
 * settles, without a transaction, who wins when a removal meets a put: a put has ended when it took
 * away its entry, and it cannot once the entry says `removal`. What is appended to is a put that takes
 * many requests; its entry also says how far it has come.
 */
interface UnfinishedDocument {
  readonly _id: ObjectId;
  readonly filename: string;
  readonly doing: 'put' | 'removal';
  /** The filename, when it is being appended to: there is one such revision of a name. */
  readonly appending?: string;
  /** How many bytes appends have resolved for. */
  readonly sizeBytes?: number;
}

export interface Bucket {
  readonly files: Collection<FileDocument>;
  readonly chunks: Collection<ChunkDocument>;
  readonly unfinished: Collection<UnfinishedDocument>;
}

export function bucketOf(db: Db, name: FileRef['bucket']): Bucket {
  return {
    files: db.collection(`${name}.files`),
    chunks: db.collection(`${name}.chunks`, { promoteBuffers: true }),
    unfinished: db.collection(`${name}.unfinished`),
  };
}

/** The indexes that the GridFS specification demands, and ours. */
export async function makeIndexes(db: Db): Promise<void> {
  for (const { files, chunks, unfinished } of [bucketOf(db, 'videos'), bucketOf(db, 'mp3s')]) {
    await chunks.createIndex({ files_id: 1, n: 1 }, { unique: true });
    await files.createIndex({ filename: 1, uploadDate: 1 });
    await unfinished.createIndex({ filename: 1 });
    await unfinished.createIndex({ appending: 1 }, { unique: true, sparse: true });
  }
}

const NEWEST_FIRST = { uploadDate: -1, _id: -1 } as const;

/** The newest revision of a name is the file; others are superseded and about to go. */
export function newest({ files }: Bucket, filename: string): Promise<FileDocument | null> {
  return files.findOne({ filename }, { sort: NEWEST_FIRST });
}

/** Announces a revision, before any of its chunks is there. */
export async function begin(bucket: Bucket, _id: ObjectId, filename: string): Promise<void> {
  await bucket.unfinished.insertOne({ _id, filename, doing: 'put' });
}

/** Makes a revision the file. False when it was removed meanwhile and has to be discarded. */
export async function publish(
  bucket: Bucket,
  _id: ObjectId,
  filename: string,
  length: number,
): Promise<boolean> {
  await makeNewest(bucket, _id, filename, length);
  return endPut(bucket, _id);
}

/** @throws when there is a document of this id already */
export async function makeNewest(
  bucket: Bucket,
  _id: ObjectId,
  filename: string,
  length: number,
): Promise<void> {
  const before = await newest(bucket, filename);
  // Later than the one before, whatever the clock of the machine that wrote that says.
  const uploadDate = new Date(Math.max(Date.now(), (before?.uploadDate.getTime() ?? 0) + 1));
  await bucket.files.insertOne({ _id, filename, length, chunkSize: CHUNK_BYTES, uploadDate });
}

/** False when it was not this call that took the entry away. */
export async function endPut({ unfinished }: Bucket, _id: ObjectId): Promise<boolean> {
  const { deletedCount } = await unfinished.deleteOne({ _id, doing: 'put' });
  return deletedCount === 1;
}

/**
 * Removes the finished revisions that a newer one has superseded. Which is the newest is decided in
 * the same look as what is older: of two puts that end together, neither takes the other for older
 * than itself and itself for older than the other.
 */
export async function discardOlder(bucket: Bucket, filename: string): Promise<void> {
  const [, ...older] = await bucket.files.find({ filename }, { sort: NEWEST_FIRST }).toArray();
  // Read after the files: a put that is just being published sees to itself when it has ended.
  const unfinished = await idsOf(bucket.unfinished, filename);
  const finished = older.filter(({ _id }) => !unfinished.some((other) => other.equals(_id)));
  await discard(
    bucket,
    filename,
    finished.map(({ _id }) => _id),
  );
}

/** Everything that may have chunks under this name, finished or not. */
export async function revisionsOf(bucket: Bucket, filename: string): Promise<ObjectId[]> {
  // In this order: a put that ends in between is found in one of the two.
  const unfinished = await idsOf(bucket.unfinished, filename);
  return [...unfinished, ...(await idsOf(bucket.files, filename))];
}

/** Removes revisions so that, wherever it is interrupted, `revisionsOf` finds the rest. */
export async function discard(bucket: Bucket, filename: string, ids: ObjectId[]): Promise<void> {
  if (ids.length === 0) return;
  for (const _id of ids) {
    const $set = { filename, doing: 'removal' } as const;
    const $unset = { appending: true } as const;
    await bucket.unfinished.updateOne({ _id }, { $set, $unset }, { upsert: true });
  }
  await bucket.files.deleteMany({ _id: { $in: ids } });
  await bucket.chunks.deleteMany({ files_id: { $in: ids } });
  await bucket.unfinished.deleteMany({ _id: { $in: ids } });
}

/** @throws {Error} when the chunk is missing or not as long as it has to be */
export async function readChunk(
  { chunks }: Bucket,
  file: FileDocument,
  n: number,
): Promise<Buffer> {
  const found = await chunks.findOne({ files_id: file._id, n });
  const sizeBytes = Math.min(file.chunkSize, file.length - n * file.chunkSize);
  if (found?.data.byteLength !== sizeBytes) {
    const what = found ? `has ${found.data.byteLength} bytes` : 'is missing';
    throw new Error(`chunk ${n} of ${file.filename} (${sizeBytes} bytes) ${what}`);
  }
  return found.data;
}

async function idsOf(
  collection: Collection<FileDocument> | Collection<UnfinishedDocument>,
  filename: string,
): Promise<ObjectId[]> {
  return collection.distinct('_id', { filename });
}
