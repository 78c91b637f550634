import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileRef, FileStore } from '../../src/ports/file-store.ts';
import { bytesAt, collect, contentOf } from '../support/generated-content.ts';
import { fileStoreAppendContract } from './file-store-append.contract.ts';
import { fileStoreFaultsContract } from './file-store-faults.contract.ts';
import { fileStoreListContract } from './file-store-list.contract.ts';

const MIB = 1024 * 1024;
const WHOLE = { start: 0, end: Number.MAX_SAFE_INTEGER };

export interface FileStoreHarness {
  /** Another store on the same storage. */
  open(): FileStore;
  /** A store whose storage has answered before and does not any more. */
  openGone(): Promise<FileStore>;
  /** How many files, parts, documents … the storage holds, visible or not. */
  countStored(): Promise<number>;
  /** How another process opens the store (tests/support/begin-put.ts); absent: it is memory. */
  elsewhere?: { readonly store: 'disk' | 'gridfs'; readonly options: object };
}

const newFile = (): FileRef => ({ bucket: 'mp3s', key: `${randomUUID()}.${randomUUID()}` });

/** The promises of `FileStore`. */
export function fileStoreContract(name: string, harness: FileStoreHarness): void {
  describe(`${name} file store`, () => {
    const store = harness.open();
    beforeAll(() => store.ping());
    afterAll(() => store.dispose());

    describe('put and readRange', () => keepsContent(harness, store));
    describe('the head', () => fillsTheHeadLast(store));
    describe('whole or not at all', () => isWholeOrNotThere(harness, store));
    describe('list', () => fileStoreListContract(store));
    describe('append and complete', () => fileStoreAppendContract(harness, store));
    describe('faults', () => fileStoreFaultsContract(harness, store));
  });
}

function keepsContent(harness: FileStoreHarness, store: FileStore): void {
  it.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])('keeps a file of %i bytes', async (size) => {
    const file = newFile();
    expect(await store.put(file, contentOf(0, size))).toEqual({ sizeBytes: size });
    expect(await store.stat(file)).toEqual({ sizeBytes: size });
    expect(bytesAt(0, size).equals(await readAll(store, file))).toBe(true);
  });

  it.each([
    ['in the middle', { start: 1_000, end: 2_000 }],
    ['over a chunk border', { start: MIB - 7, end: 2 * MIB + 7 }],
    ['of one byte', { start: 2 * MIB, end: 2 * MIB + 1 }],
    ['to the end', { start: 2 * MIB + 1, end: 3 * MIB - 5 }],
  ])('reads a range %s', async (_, range) => {
    const file = newFile();
    await store.put(file, contentOf(0, 3 * MIB - 5));
    const read = await collect(store.readRange(file, range));
    expect(bytesAt(range.start, range.end).equals(read)).toBe(true);
  });

  it('cuts a range to the file', async () => {
    const file = newFile();
    await store.put(file, contentOf(0, 100));
    const lengthOf = async (start: number, end: number) =>
      (await collect(store.readRange(file, { start, end }))).byteLength;
    expect(await lengthOf(90, 1_000)).toBe(10);
    expect(await lengthOf(100, 200)).toBe(0);
    expect(await lengthOf(200, 300)).toBe(0);
    expect(await lengthOf(50, 50)).toBe(0);
  });

  it('takes pieces larger than a chunk', async () => {
    const file = newFile();
    await store.put(file, contentOf(0, 5 * MIB + 3, 2 * MIB + 1));
    expect(bytesAt(0, 5 * MIB + 3).equals(await readAll(store, file))).toBe(true);
  });

  it('is usable after a reader has left its loop early', async () => {
    const file = newFile();
    await store.put(file, contentOf(0, 4 * MIB));
    for await (const piece of store.readRange(file, WHOLE)) {
      expect(piece.byteLength).toBeGreaterThan(0);
      break;
    }
    expect((await readAll(store, file)).byteLength).toBe(4 * MIB);
  });

  it('refuses to read what is not there', async () => {
    await expect(readAll(store, newFile())).rejects.toMatchObject({ code: 'not-found' });
    expect(await store.stat(newFile())).toBeUndefined();
  });

  it('keeps the buckets apart', async () => {
    const { key } = newFile();
    await store.put({ bucket: 'videos', key }, contentOf(0, 10));
    expect(await store.stat({ bucket: 'mp3s', key })).toBeUndefined();
  });

  it('shows a file to other stores on the same storage', async () => {
    const file = newFile();
    await store.put(file, contentOf(0, 10));
    const other = harness.open();
    expect(await other.stat(file)).toEqual({ sizeBytes: 10 });
    await other.dispose();
  });
}

function fillsTheHeadLast(store: FileStore): void {
  it.each([0, 100, MIB - 8, 2 * MIB])('is filled last, before %i bytes', async (size) => {
    const file = newFile();
    let ended = false;
    async function* content() {
      yield* contentOf(0, size);
      ended = true;
    }
    const complete = () => Buffer.from(ended ? 'complete' : 'tooearly');
    const put = await store.put(file, content(), { head: { sizeBytes: 8, complete } });
    expect(put).toEqual({ sizeBytes: size + 8 });
    const read = await readAll(store, file);
    expect(read.subarray(0, 8).toString()).toBe('complete');
    expect(bytesAt(0, size).equals(read.subarray(8))).toBe(true);
  });

  it('of another size than was reserved is refused', async () => {
    const file = newFile();
    const head = { sizeBytes: 8, complete: () => Buffer.from('short') };
    await expect(store.put(file, contentOf(0, 10), { head })).rejects.toThrow(RangeError);
    expect(await store.stat(file)).toBeUndefined();
  });
}

function isWholeOrNotThere(harness: FileStoreHarness, store: FileStore): void {
  it('shows nothing while a put runs', async () => {
    const file = newFile();
    const seen: unknown[] = [];
    async function* content() {
      for (let start = 0; start < 3 * MIB; start += MIB) {
        seen.push(await store.stat(file));
        yield bytesAt(start, start + MIB);
      }
      seen.push(await store.stat(file));
    }
    await store.put(file, content());
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('shows the old file until the new one is there', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await store.put(file, contentOf(7, 2 * MIB));
    const after = await harness.countStored();
    async function* content() {
      yield* contentOf(0, 2 * MIB - 7);
      expect(bytesAt(7, 2 * MIB).equals(await readAll(store, file))).toBe(true);
    }
    await store.put(file, content());
    expect(bytesAt(0, 2 * MIB - 7).equals(await readAll(store, file))).toBe(true);
    expect(await harness.countStored()).toBe(after);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it('keeps one whole file of several that are put at the same time', async () => {
    const file = newFile();
    const before = await harness.countStored();
    const puts = [0, 1, 2, 3].map((start) => store.put(file, contentOf(start, 2 * MIB)));
    await Promise.all(puts);
    const read = await readAll(store, file);
    expect(bytesAt(2 * MIB - read.byteLength, 2 * MIB).equals(read)).toBe(true);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it('keeps a file of puts that end together', async () => {
    for (let round = 0; round < 20; round += 1) {
      const file = newFile();
      await Promise.all([0, 1, 2, 3, 4, 5].map((start) => store.put(file, contentOf(start, 10))));
      expect(await store.stat(file)).toBeDefined();
    }
  });

  it('leaves nothing when the content fails, and passes its error on', async () => {
    const file = newFile();
    const before = await harness.countStored();
    const error = new Error('the upload was cut off');
    async function* content() {
      yield* contentOf(0, 3 * MIB);
      throw error;
    }
    await expect(store.put(file, content())).rejects.toBe(error);
    expect(await store.stat(file)).toBeUndefined();
    expect(await harness.countStored()).toBe(before);
  });

  it('keeps the old file when the content of the new one fails', async () => {
    const file = newFile();
    await store.put(file, contentOf(0, 10));
    async function* content() {
      yield* contentOf(0, 2 * MIB);
      throw new Error('cut off');
    }
    await expect(store.put(file, content())).rejects.toThrow('cut off');
    expect(await store.stat(file)).toEqual({ sizeBytes: 10 });
  });

  it('leaves nothing when it is aborted, even while the content hangs', async () => {
    const file = newFile();
    const before = await harness.countStored();
    const abort = new AbortController();
    const reason = new Error('the lease is lost');
    async function* content() {
      yield* contentOf(0, 3 * MIB);
      abort.abort(reason);
      await new Promise(() => undefined);
    }
    const put = store.put(file, content(), { signal: abort.signal });
    await expect(put).rejects.toBe(reason);
    expect(await store.stat(file)).toBeUndefined();
    expect(await harness.countStored()).toBe(before);
  });

  it('does not begin when it is aborted already', async () => {
    const file = newFile();
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(store.put(file, contentOf(0, 10), { signal })).rejects.toThrow('too late');
    expect(await store.stat(file)).toBeUndefined();
  });
}

function readAll(store: FileStore, file: FileRef): Promise<Buffer> {
  return collect(store.readRange(file, WHOLE));
}
