import { randomUUID } from 'node:crypto';
import { GridFSBucket, ObjectId } from 'mongodb';
import { expect, it } from 'vitest';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import { writeToChunk } from '../../src/adapters/files/gridfs-append.ts';
import { type Bucket, bucketOf, makeIndexes } from '../../src/adapters/files/gridfs-bucket.ts';
import type { FileRef } from '../../src/ports/file-store.ts';
import { bytesAt, collect, contentOf } from '../support/generated-content.ts';
import { mongoDatabase } from '../support/mongo-database.ts';
import { describeWithServices } from '../support/services.ts';
import { stallingProxy } from '../support/stalling-proxy.ts';
import { fileStoreContract } from './file-store.contract.ts';

const MIB = 1024 * 1024;

await describeWithServices('file store on MongoDB', ['mongodb'], ({ mongodb }) => {
  const { url, db } = mongoDatabase(mongodb, 'files');
  const newVideo = (): FileRef => ({ bucket: 'videos', key: randomUUID() });

  fileStoreContract('gridfs', {
    open: () => createGridfsFileStore({ url }),
    async openGone() {
      const proxy = await stallingProxy(url);
      const gone = createGridfsFileStore({ url: proxy.url, timeoutMs: 1_000 });
      await gone.ping();
      proxy.stall();
      return gone;
    },
    async countStored() {
      const kinds = ['files', 'chunks', 'unfinished'];
      const names = kinds.flatMap((kind) => [`videos.${kind}`, `mp3s.${kind}`]);
      const counts = await Promise.all(names.map((name) => db.collection(name).countDocuments()));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    elsewhere: { store: 'gridfs', options: { url } },
  });

  it('writes what any GridFS tool reads', async () => {
    const store = createGridfsFileStore({ url });
    const file = newVideo();
    await store.put(file, contentOf(0, 3 * MIB + 5));
    await store.dispose();
    const stream = new GridFSBucket(db, { bucketName: 'videos' }).openDownloadStreamByName(
      file.key,
    );
    expect(bytesAt(0, 3 * MIB + 5).equals(await collect(stream))).toBe(true);
  });

  it('reads what any GridFS tool writes, whatever its chunk size', async () => {
    const file = newVideo();
    const upload = new GridFSBucket(db, { bucketName: 'videos' }).openUploadStream(file.key);
    upload.end(bytesAt(0, MIB));
    await new Promise((resolve) => upload.once('finish', resolve));
    const store = createGridfsFileStore({ url });
    const read = await collect(store.readRange(file, { start: 261_000, end: 800_000 }));
    await store.dispose();
    expect(bytesAt(261_000, 800_000).equals(read)).toBe(true);
  });

  it('reads only the chunks that the range touches', async () => {
    const proxy = await stallingProxy(url);
    const store = createGridfsFileStore({ url: proxy.url });
    const file = newVideo();
    await store.put(file, contentOf(0, 20 * MIB));
    const before = proxy.answeredBytes();
    await collect(store.readRange(file, { start: 10 * MIB - 100, end: 10 * MIB + 100 }));
    const answered = proxy.answeredBytes() - before;
    await store.dispose();
    expect(answered).toBeGreaterThan(2 * MIB);
    expect(answered).toBeLessThan(2.1 * MIB);
  });

  it('completes what any GridFS tool reads', async () => {
    const store = createGridfsFileStore({ url });
    const file = newVideo();
    for (const position of [0, MIB + 5, 3 * MIB]) {
      const end = position === 0 ? MIB + 5 : position + 2 * MIB;
      await store.append(file, position, contentOf(position, end));
    }
    await store.complete(file, 5 * MIB);
    await store.dispose();
    const stream = new GridFSBucket(db, { bucketName: 'videos' }).openDownloadStreamByName(
      file.key,
    );
    expect(bytesAt(0, 5 * MIB).equals(await collect(stream))).toBe(true);
  });

  it('reads no more than the chunk that a part begins in, and the last to complete', async () => {
    const proxy = await stallingProxy(url);
    const store = createGridfsFileStore({ url: proxy.url });
    const file = newVideo();
    const answeredTo = async (work: () => Promise<unknown>) => {
      const before = proxy.answeredBytes();
      await work();
      return (proxy.answeredBytes() - before) / MIB;
    };
    const append = (start: number, end: number) => () =>
      store.append(file, start, contentOf(start, end));
    expect(await answeredTo(append(0, 20 * MIB))).toBeLessThan(0.1);
    expect(await answeredTo(append(20 * MIB, 23.5 * MIB))).toBeLessThan(0.1);
    const within = await answeredTo(append(23.5 * MIB, 26 * MIB));
    expect(within).toBeGreaterThan(0.5);
    expect(within).toBeLessThan(0.6);
    expect(await answeredTo(() => store.complete(file, 26 * MIB))).toBeLessThan(1.1);
    await store.dispose();
  });

  it.each([
    ['before the file was shown', false],
    ['after it', true],
  ])('completes what a completion has left that died %s', async (_, shown) => {
    const store = createGridfsFileStore({ url });
    const file = newVideo();
    await store.append(file, 0, contentOf(0, MIB + 5));
    const unfinished = db.collection('videos.unfinished');
    const files = db.collection('videos.files');
    const entry = await unfinished.findOne({ appending: file.key });
    if (!entry) throw new Error('there is no entry');
    await store.complete(file, MIB + 5);
    await unfinished.insertOne(entry);
    if (!shown) await files.deleteOne({ filename: file.key });

    if (shown) {
      const shorter = store.complete(file, MIB);
      await expect(shorter).rejects.toMatchObject({ code: 'precondition-failed' });
    }
    await store.complete(file, MIB + 5);
    expect(await unfinished.countDocuments({ filename: file.key })).toBe(0);
    expect(await files.countDocuments({ filename: file.key })).toBe(1);
    const read = await collect(store.readRange(file, { start: 0, end: 2 * MIB }));
    expect(bytesAt(0, MIB + 5).equals(read)).toBe(true);
    await store.dispose();
  });

  it('changes a chunk anew when another has changed it since it was read', async () => {
    await makeIndexes(db);
    const bucket = bucketOf(db, 'videos');
    const id = new ObjectId();
    let others = 0;
    const findOne: Bucket['chunks']['findOne'] = async (filter: object = {}) => {
      const found = await bucket.chunks.findOne(filter);
      others += 1;
      if (others === 1) await writeToChunk(bucket, id, 0, bytesAt(0, 100), 0);
      if (others === 2) await writeToChunk(bucket, id, 0, bytesAt(0, 200), 100);
      return found;
    };
    const late = {
      ...bucket,
      chunks: Object.create(bucket.chunks, { findOne: { value: findOne } }),
    };
    await writeToChunk(late, id, 0, bytesAt(0, 150), 0);
    expect(others).toBe(3);
    const found = await bucket.chunks.findOne({ files_id: id, n: 0 });
    await bucket.chunks.deleteMany({ files_id: id });
    expect(found?.data.equals(bytesAt(0, 200))).toBe(true);
  });

  it('does not complete a file whose chunks are missing or too short', async () => {
    const store = createGridfsFileStore({ url });
    const file = newVideo();
    await store.append(file, 0, contentOf(0, 3 * MIB));
    const entry = await db.collection('videos.unfinished').findOne({ appending: file.key });
    const chunks = db.collection('videos.chunks');
    const complete = () => store.complete(file, 3 * MIB);

    const short = { $set: { data: Buffer.from('short') } };
    await chunks.updateOne({ files_id: entry?._id, n: 2 }, short);
    await expect(complete()).rejects.toMatchObject({ cause: { message: /chunk 2 .* 5 bytes/ } });
    await chunks.deleteOne({ files_id: entry?._id, n: 1 });
    await expect(complete()).rejects.toMatchObject({ cause: { message: /has 2 chunks, not 3/ } });
    expect(await store.stat(file)).toBeUndefined();
    await store.dispose();
  });

  it('is unavailable when the server stalls in the middle of an append', async () => {
    const proxy = await stallingProxy(url);
    const store = createGridfsFileStore({ url: proxy.url, timeoutMs: 1_000 });
    const file = newVideo();
    const unavailable = { code: 'unavailable', part: 'files', retry: 'later' };
    await store.append(file, 0, contentOf(0, MIB + 5));
    async function* content() {
      yield* contentOf(MIB + 5, 3 * MIB);
      proxy.stall();
      yield* contentOf(3 * MIB, 5 * MIB);
    }
    await expect(store.append(file, MIB + 5, content())).rejects.toMatchObject(unavailable);
    await store.dispose();

    const other = createGridfsFileStore({ url });
    await other.append(file, MIB + 5, contentOf(MIB + 5, 4 * MIB));
    await other.complete(file, 4 * MIB);
    const read = await collect(other.readRange(file, { start: 0, end: 5 * MIB }));
    expect(bytesAt(0, 4 * MIB).equals(read)).toBe(true);
    await other.dispose();
  });

  it('fails loudly when a chunk is missing or too short', async () => {
    const store = createGridfsFileStore({ url });
    const file = newVideo();
    await store.put(file, contentOf(0, 3 * MIB));
    const chunks = db.collection('videos.chunks');
    const found = await db.collection('videos.files').findOne({ filename: file.key });
    const read = () => collect(store.readRange(file, { start: 0, end: 3 * MIB }));

    await chunks.updateOne(
      { files_id: found?._id, n: 1 },
      { $set: { data: Buffer.from('short') } },
    );
    await expect(read()).rejects.toMatchObject({ cause: { message: /chunk 1 .* has 5 bytes/ } });
    await chunks.deleteOne({ files_id: found?._id, n: 1 });
    await expect(read()).rejects.toMatchObject({ cause: { message: /chunk 1 .* is missing/ } });
    await store.dispose();
  });
});
