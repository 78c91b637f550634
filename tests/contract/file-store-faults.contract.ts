import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FileRef, FileStore } from '../../src/ports/file-store.ts';
import { bytesAt, collect, contentOf } from '../support/generated-content.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { putAndDie } from '../support/put-and-die.ts';
import type { FileStoreHarness } from './file-store.contract.ts';

const MIB = 1024 * 1024;

const newFile = (): FileRef => ({ bucket: 'videos', key: randomUUID() });

/** The promises of `FileStore` about removal, killed processes, size, and a storage that is gone. */
export function fileStoreFaultsContract(harness: FileStoreHarness, store: FileStore): void {
  const { elsewhere } = harness;

  it('removes a file and nothing else, and does not mind when there is none', async () => {
    const file = newFile();
    const neighbour = { ...file, key: `${file.key}.1` };
    await store.put(neighbour, contentOf(0, 10));
    const before = await harness.countStored();
    await store.put(file, contentOf(0, 3 * MIB));
    await store.remove(file);
    await store.remove(file);
    expect(await store.stat(file)).toBeUndefined();
    expect(await store.stat(neighbour)).toEqual({ sizeBytes: 10 });
    expect(await harness.countStored()).toBe(before);
  });

  it('shows no part of a file that is removed while it is put', async () => {
    const file = newFile();
    async function* content() {
      yield* contentOf(0, 3 * MIB);
      await store.remove(file);
      yield* contentOf(3 * MIB, 5 * MIB);
    }
    const put = await store.put(file, content()).catch((error: unknown) => error);
    const found = await store.stat(file);
    if (found) expect(put).toEqual({ sizeBytes: 5 * MIB });
    else expect(put).toMatchObject({ code: 'not-found' });
    const read = collect(store.readRange(file, { start: 0, end: 5 * MIB }));
    if (found) expect(bytesAt(0, 5 * MIB).equals(await read)).toBe(true);
    else await expect(read).rejects.toMatchObject({ code: 'not-found' });
    await store.remove(file);
  });

  it.skipIf(!elsewhere)('removes what a killed process left of a put', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await putAndDie({ ...elsewhere, file });

    expect(await harness.countStored()).toBeGreaterThan(before);
    expect(await store.stat(file)).toBeUndefined();
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it.skipIf(!elsewhere)('holds a few MiB of a 200 MiB file, in put and in readRange', async () => {
    const file = newFile();
    const sizeBytes = 200 * MIB;
    const before = memoryInUse();
    let most = 0;
    let position = 0;
    const measure = () => {
      if (position % (16 * MIB) === 0) most = Math.max(most, memoryInUse() - before);
    };
    async function* content() {
      for (; position < sizeBytes; position += 64 * 1024) {
        measure();
        yield bytesAt(position, position + 64 * 1024);
      }
    }
    await store.put(file, content());
    position = 0;
    for await (const piece of store.readRange(file, { start: 0, end: sizeBytes })) {
      measure();
      if (!bytesAt(position, position + piece.byteLength).equals(piece)) break;
      position += piece.byteLength;
    }
    await store.remove(file);
    expect(position).toBe(sizeBytes);
    expect(most / MIB).toBeLessThan(16);
  });

  it.each([
    '',
    '.',
    '..',
    '../mp3s/a',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'A',
    'a~b',
    'ä',
    'a\0',
    'a'.repeat(101),
  ])('refuses the key %j', async (key) => {
    const file: FileRef = { bucket: 'videos', key };
    await expect(store.put(file, contentOf(0, 1))).rejects.toThrow(RangeError);
    await expect(store.append(file, 0, contentOf(0, 1))).rejects.toThrow(RangeError);
    await expect(store.complete(file, 0)).rejects.toThrow(RangeError);
    await expect(store.stat(file)).rejects.toThrow(RangeError);
    await expect(store.remove(file)).rejects.toThrow(RangeError);
    const read = collect(store.readRange(file, { start: 0, end: 1 }));
    await expect(read).rejects.toThrow(RangeError);
  });

  it('takes the longest key', async () => {
    const file: FileRef = { bucket: 'videos', key: 'a'.repeat(100) };
    await store.put(file, contentOf(0, 1));
    expect(await store.stat(file)).toEqual({ sizeBytes: 1 });
    await store.append(file, 0, contentOf(0, 2));
    await store.complete(file, 2);
    expect(await store.stat(file)).toEqual({ sizeBytes: 2 });
    await store.remove(file);
  });

  it('answers a ping', () => store.ping());

  it('is unavailable when the storage is gone', async () => {
    const gone = await harness.openGone();
    const unavailable = { code: 'unavailable', part: 'files', retry: 'later' };
    const file = newFile();
    const calls = [
      gone.ping(),
      gone.stat(file),
      gone.put(file, contentOf(0, 10)),
      gone.append(file, 0, contentOf(0, 10)),
      gone.append(file, 10, contentOf(10, 20)),
      gone.complete(file, 10),
      gone.remove(file),
      collect(gone.readRange(file, { start: 0, end: 10 })),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(unavailable)));
    await gone.dispose();
  });

  it('is of no use after dispose', async () => {
    const other = harness.open();
    await other.ping();
    await other.dispose();
    await other.dispose();
    await expect(other.stat(newFile())).rejects.toThrow('disposed');
    await expect(other.put(newFile(), contentOf(0, 1))).rejects.toThrow('disposed');
    await expect(other.append(newFile(), 0, contentOf(0, 1))).rejects.toThrow('disposed');
    await expect(other.complete(newFile(), 0)).rejects.toThrow('disposed');
  });
}
