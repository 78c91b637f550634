import { randomUUID } from 'node:crypto';
import type { ObjectId } from 'mongodb';
import { isDuplicateKey } from '../mongo-connection.ts';
import { CHUNK_BYTES } from './chunks.ts';
import { type Bucket, endPut, makeNewest } from './gridfs-bucket.ts';

/** A revision that is being appended to. */
interface Growing {
  readonly _id: ObjectId;
  /** How many bytes appends have resolved for. */
  readonly sizeBytes: number;
}

export async function findGrowing(
  { unfinished }: Bucket,
  filename: string,
): Promise<Growing | undefined> {
  const found = await unfinished.findOne({ appending: filename });
  return found ? { _id: found._id, sizeBytes: found.sizeBytes ?? 0 } : undefined;
}

/** Announces a revision to append to, unless there is one. */
export async function beginGrowing(
  bucket: Bucket,
  newId: ObjectId,
  filename: string,
): Promise<Growing> {
  const entry = { _id: newId, filename, doing: 'put', appending: filename, sizeBytes: 0 } as const;
  for (;;) {
    const found = await findGrowing(bucket, filename);
    if (found || (await unlessDuplicate(bucket.unfinished.insertOne(entry)))) return found ?? entry;
  }
}

/**
 * Puts bytes into a chunk, from `from` on (those of `data` before it are not meant), and leaves the
 * others as they are.
 *
 * A whole chunk is written blindly. Any other is read, and written only if nobody has changed it
 * since: otherwise a writer who is late with half a chunk would cut off what has come behind it.
 *
 * @throws {Error} when the chunk ends before `from`
 */
export async function writeToChunk(
  bucket: Bucket,
  files_id: ObjectId,
  n: number,
  data: Buffer,
  from: number,
): Promise<void> {
  if (from === data.byteLength) return;
  if (from === 0 && data.byteLength === CHUNK_BYTES) {
    await replaceChunk(bucket, files_id, n, data);
    return;
  }
  await changeChunk(bucket, files_id, n, (before) => {
    if (before.byteLength < from) throw tooShort(files_id, n, before.byteLength, from);
    const after = Buffer.alloc(Math.max(before.byteLength, data.byteLength));
    before.copy(after);
    data.copy(after, from, from);
    return after;
  });
}

/** Notes how far an append has come. False when there is no such revision any more. */
export async function noteEnd(bucket: Bucket, _id: ObjectId, sizeBytes: number): Promise<boolean> {
  const noted = await bucket.unfinished.updateOne({ _id, doing: 'put' }, { $max: { sizeBytes } });
  return noted.matchedCount === 1 || !(await isRemoved(bucket, _id));
}

/** Whether a revision that was there is gone, or about to be: neither unfinished nor a file. */
export async function isRemoved({ unfinished, files }: Bucket, _id: ObjectId): Promise<boolean> {
  // In this order: one that is completed in between is found in one of the two.
  const entry = await unfinished.findOne({ _id });
  if (entry) return entry.doing === 'removal';
  return (await files.findOne({ _id })) === null;
}

/**
 * Cuts a revision to its first `sizeBytes` bytes. That all of them are there is known: every append
 * begins where bytes were noted, and notes its own when they are stored.
 *
 * @returns `sizeBytes`, or how many bytes there are when that is not possible
 * @throws {Error} when the last chunk is missing or too short
 */
export async function cutTo(
  bucket: Bucket,
  { _id, sizeBytes: stored }: Growing,
  sizeBytes: number,
): Promise<number> {
  if (stored < sizeBytes) return stored;
  // There only when a completion has died: what it has shown is not cut any more.
  const file = await bucket.files.findOne({ _id });
  if (file && file.length !== sizeBytes) return file.length;

  const count = Math.ceil(sizeBytes / CHUNK_BYTES);
  await removeChunksFrom(bucket, _id, count);
  if (count > 0) await cutChunk(bucket, _id, count - 1, sizeBytes - (count - 1) * CHUNK_BYTES);
  return sizeBytes;
}

/** Makes a revision the file. False when it was removed meanwhile and has to be discarded. */
export async function publishGrown(
  bucket: Bucket,
  _id: ObjectId,
  filename: string,
  length: number,
): Promise<boolean> {
  // A duplicate is the document of a completion that has died, or is under way.
  await unlessDuplicate(makeNewest(bucket, _id, filename, length));
  if (await endPut(bucket, _id)) return true;
  // Somebody else took the entry away: a removal, or another completion. A removal marks it, and takes
  // it only after the chunks. Without chunks there is nothing to lose, so it counts as removed.
  if (await bucket.unfinished.findOne({ _id })) return false;
  return (await bucket.chunks.findOne({ files_id: _id }, { projection: { n: 1 } })) !== null;
}

/**
 * Asks for one chunk at a time, by its place: a range over the index costs some servers a look at every
 * chunk of every file. There are no gaps, since chunks are written in turn; the last one goes first, so
 * that none comes to be when this dies.
 */
async function removeChunksFrom(
  { chunks }: Bucket,
  files_id: ObjectId,
  first: number,
): Promise<void> {
  let end = first;
  while (await chunks.findOne({ files_id, n: end }, { projection: { n: 1 } })) end += 1;
  for (let n = end - 1; n >= first; n -= 1) await chunks.deleteOne({ files_id, n });
}

function cutChunk(bucket: Bucket, _id: ObjectId, n: number, sizeBytes: number): Promise<void> {
  return changeChunk(bucket, _id, n, (before) => {
    if (before.byteLength < sizeBytes) throw tooShort(_id, n, before.byteLength, sizeBytes);
    return before.subarray(0, sizeBytes);
  });
}

async function replaceChunk(
  { chunks }: Bucket,
  files_id: ObjectId,
  n: number,
  data: Buffer,
): Promise<void> {
  const stamp = randomUUID();
  // Nearly always it is new. Otherwise it is that of an append whose end nobody heard.
  if (await unlessDuplicate(chunks.insertOne({ files_id, n, data, stamp }))) return;
  await chunks.updateOne({ files_id, n }, { $set: { data, stamp } });
}

async function changeChunk(
  { chunks }: Bucket,
  files_id: ObjectId,
  n: number,
  change: (before: Buffer) => Buffer,
): Promise<void> {
  for (;;) {
    const before = await chunks.findOne({ files_id, n });
    const data = change(before?.data ?? Buffer.alloc(0));
    const stamp = randomUUID();
    if (!before) {
      if (await unlessDuplicate(chunks.insertOne({ files_id, n, data, stamp }))) return;
      continue;
    }
    if (data.equals(before.data)) return;
    const unchanged = { files_id, n, stamp: before.stamp ?? { $exists: false } };
    const { matchedCount } = await chunks.updateOne(unchanged, { $set: { data, stamp } });
    if (matchedCount === 1) return;
  }
}

function tooShort(files_id: ObjectId, n: number, sizeBytes: number, expected: number): Error {
  return new Error(`chunk ${n} of ${files_id} has ${sizeBytes} bytes, not ${expected}`);
}

async function unlessDuplicate(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
