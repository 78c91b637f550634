import { randomUUID } from 'node:crypto';
import { GridFSBucket } from 'mongodb';
import { expect, it } from 'vitest';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
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
