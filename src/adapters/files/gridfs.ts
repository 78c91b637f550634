import type { ObjectId } from 'mongodb';
import { Unavailable } from '../../domain/errors.ts';
import type { ByteRange } from '../../domain/media.ts';
import type { AppendOptions, FileRef, FileStore, PutOptions } from '../../ports/file-store.ts';
import { connectMongo } from '../mongo-connection.ts';
import { abortable } from './abortable.ts';
import { CHUNK_BYTES, chunksOf } from './chunks.ts';
import {
  checkedBytes,
  checkedKey,
  completedHead,
  cutRange,
  fileNotFound,
  nothingAppended,
  notThatLong,
  removedWhileWritten,
  reservedBytes,
} from './file-rules.ts';
import {
  beginGrowing,
  cutTo,
  findGrowing,
  isRemoved,
  noteEnd,
  publishGrown,
  writeToChunk,
} from './gridfs-append.ts';
import {
  type Bucket,
  begin,
  bucketOf,
  discard,
  discardOlder,
  makeIndexes,
  newest,
  publish,
  readChunk,
  revisionsOf,
} from './gridfs-bucket.ts';
import { listBucket } from './gridfs-list.ts';

/**
 * Files in MongoDB's GridFS, where every GridFS tool can read them: the key is the `filename`, and
 * the newest revision of a name is the file. A put writes a revision of its own, so that the one
 * before stays whole until the new one is; its document is written last and makes it appear.
 *
 * The driver's own upload stream is not used because it cannot hold back the first chunk, and its
 * download stream because it asks for as many chunks as the server puts into one answer.
 */
export function createGridfsFileStore(options: {
  readonly url: string;
  readonly timeoutMs?: number | undefined;
}): FileStore {
  const connection = connectMongo({
    url: options.url,
    timeoutMs: options.timeoutMs ?? 10_000,
    part: 'files',
    prepare: makeIndexes,
  });

  const run = <T>(file: FileRef, work: (bucket: Bucket) => Promise<T>) =>
    connection.run((db) => work(bucketOf(db, file.bucket)));

  async function put(file: FileRef, content: AsyncIterable<Uint8Array>, options: PutOptions = {}) {
    const filename = checkedKey(file);
    const { ObjectId } = await import('mongodb');
    const _id = new ObjectId();
    await run(file, (bucket) => begin(bucket, _id, filename));
    try {
      const length = await writeChunks(file, _id, content, options);
      const published = await run(file, (bucket) => publish(bucket, _id, filename, length));
      if (!published) throw removedWhileWritten(file);
      // The new file is there; what is left of older ones costs space and is found by `remove`.
      await run(file, (bucket) => discardOlder(bucket, filename)).catch(() => undefined);
      return { sizeBytes: length };
    } catch (error) {
      await run(file, (bucket) => discard(bucket, filename, [_id])).catch(() => undefined);
      throw error;
    }
  }

  async function writeChunks(
    file: FileRef,
    files_id: ObjectId,
    content: AsyncIterable<Uint8Array>,
    { head, signal }: PutOptions,
  ): Promise<number> {
    const write = (n: number, data: Buffer) =>
      run(file, ({ chunks }) => chunks.insertOne({ files_id, n, data }));
    let first: Buffer | undefined;
    let length = 0;
    await writeInTurn(
      chunksOf(abortable(content, signal), reservedBytes(head)),
      async (n, data) => {
        length += data.byteLength;
        if (n === 0) first = data;
        else await write(n, data);
      },
    );
    if (head) first?.set(completedHead(head), 0);
    signal?.throwIfAborted();
    if (first) await write(0, first);
    return length;
  }

  async function append(
    file: FileRef,
    position: number,
    content: AsyncIterable<Uint8Array>,
    { signal }: AppendOptions = {},
  ) {
    checkedBytes(position);
    const filename = checkedKey(file);
    signal?.throwIfAborted();
    const { ObjectId } = await import('mongodb');
    const found = await run(file, (bucket) =>
      position === 0
        ? beginGrowing(bucket, new ObjectId(), filename)
        : findGrowing(bucket, filename),
    );
    if (!found) throw nothingAppended(file);
    if (found.sizeBytes < position) throw notThatLong(file, position, found.sizeBytes);
    const { _id } = found;
    return unlessRemoved(file, _id, async () => {
      const sizeBytes = await appendChunks(file, _id, position, abortable(content, signal));
      const noted = await run(file, (bucket) => noteEnd(bucket, _id, sizeBytes));
      if (!noted) throw removedWhileWritten(file);
      return { sizeBytes };
    });
  }

  async function appendChunks(
    file: FileRef,
    files_id: ObjectId,
    position: number,
    content: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    const start = Math.floor(position / CHUNK_BYTES);
    const within = position % CHUNK_BYTES;
    let sizeBytes = position - within;
    await writeInTurn(chunksOf(content, within), async (n, data) => {
      sizeBytes += data.byteLength;
      const from = n === 0 ? within : 0;
      await run(file, (bucket) => writeToChunk(bucket, files_id, start + n, data, from));
    });
    return sizeBytes;
  }

  async function complete(file: FileRef, sizeBytes: number) {
    checkedBytes(sizeBytes);
    const filename = checkedKey(file);
    const found = await run(file, (bucket) => findGrowing(bucket, filename));
    if (!found) {
      const whole = await run(file, (bucket) => newest(bucket, filename));
      if (!whole) throw nothingAppended(file);
      if (whole.length !== sizeBytes) throw notThatLong(file, sizeBytes, whole.length);
    } else {
      const { _id } = found;
      await unlessRemoved(file, _id, async () => {
        const stored = await run(file, (bucket) => cutTo(bucket, found, sizeBytes));
        if (stored !== sizeBytes) throw notThatLong(file, sizeBytes, stored);
        const published = await run(file, (bucket) =>
          publishGrown(bucket, _id, filename, sizeBytes),
        );
        if (published) return;
        await run(file, (bucket) => discard(bucket, filename, [_id]));
        throw removedWhileWritten(file);
      });
    }
    // As after a put.
    await run(file, (bucket) => discardOlder(bucket, filename)).catch(() => undefined);
  }

  /** When the revision was removed under the work that has failed, nothing of it may stay. */
  async function unlessRemoved<T>(
    file: FileRef,
    _id: ObjectId,
    work: () => Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const removed = await run(file, async (bucket) => {
        const removed = await isRemoved(bucket, _id);
        if (removed) await discard(bucket, file.key, [_id]);
        return removed;
      }).catch(() => false);
      throw removed && error instanceof Unavailable ? removedWhileWritten(file) : error;
    }
  }

  async function* readRange(file: FileRef, range: ByteRange) {
    const filename = checkedKey(file);
    const found = await run(file, (bucket) => newest(bucket, filename));
    if (!found) throw fileNotFound(file);
    const { start, end } = cutRange(range, found.length);
    for (let position = start; position < end; ) {
      const n = Math.floor(position / found.chunkSize);
      const offset = n * found.chunkSize;
      const data = await run(file, (bucket) => readChunk(bucket, found, n));
      yield data.subarray(position - offset, end - offset);
      position = offset + data.byteLength;
    }
  }

  return {
    put,
    append,
    complete,
    readRange,
    async stat(file) {
      const filename = checkedKey(file);
      const found = await run(file, (bucket) => newest(bucket, filename));
      return found ? { sizeBytes: found.length } : undefined;
    },
    list: (bucket, { after = '', limit }) =>
      connection.run((db) => listBucket(bucketOf(db, bucket), after, limit)),
    async remove(file) {
      const filename = checkedKey(file);
      await run(file, async (bucket) => {
        await discard(bucket, filename, await revisionsOf(bucket, filename));
      });
    },
    async ping() {
      await connection.run((db) => db.command({ ping: 1 }));
    },
    dispose: () => connection.dispose(),
  };
}

/** One chunk is on its way while the next one fills. Errors of the content pass as they are. */
async function writeInTurn(
  chunks: AsyncIterable<Buffer>,
  write: (n: number, data: Buffer) => Promise<void>,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  let n = 0;
  try {
    for await (const data of chunks) {
      await writing;
      writing = write(n, data);
      // Whoever awaits it gets the error; until then it must not count as unhandled.
      writing.catch(() => undefined);
      n += 1;
    }
  } finally {
    // Also on failure: a chunk that arrives after the clean-up would stay for ever.
    await Promise.allSettled([writing]);
  }
  await writing;
}
