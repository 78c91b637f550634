import type { ObjectId } from 'mongodb';
import type { ByteRange } from '../../domain/media.ts';
import type { FileRef, FileStore, PutOptions } from '../../ports/file-store.ts';
import { connectMongo } from '../mongo-connection.ts';
import { abortable } from './abortable.ts';
import { chunksOf } from './chunks.ts';
import {
  checkedKey,
  completedHead,
  cutRange,
  fileNotFound,
  removedWhileWritten,
  reservedBytes,
} from './file-rules.ts';
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

  /** One chunk is on its way while the next one fills. Errors of the content pass as they are. */
  async function writeChunks(
    file: FileRef,
    files_id: ObjectId,
    content: AsyncIterable<Uint8Array>,
    { head, signal }: PutOptions,
  ): Promise<number> {
    let first: Buffer | undefined;
    let writing: Promise<unknown> = Promise.resolve();
    let n = 0;
    let length = 0;
    const write = (n: number, data: Buffer) => {
      const written = run(file, ({ chunks }) => chunks.insertOne({ files_id, n, data }));
      // Whoever awaits it gets the error; until then it must not count as unhandled.
      written.catch(() => undefined);
      return written;
    };
    try {
      const pieces = abortable(content, signal);
      for await (const data of chunksOf(pieces, reservedBytes(head))) {
        await writing;
        if (n === 0) first = data;
        else writing = write(n, data);
        n += 1;
        length += data.byteLength;
      }
    } finally {
      // Also on failure: a chunk that arrives after the clean-up would stay for ever.
      await Promise.allSettled([writing]);
    }
    await writing;
    if (head) first?.set(completedHead(head), 0);
    signal?.throwIfAborted();
    if (first) await write(0, first);
    return length;
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
    readRange,
    async stat(file) {
      const filename = checkedKey(file);
      const found = await run(file, (bucket) => newest(bucket, filename));
      return found ? { sizeBytes: found.length } : undefined;
    },
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
