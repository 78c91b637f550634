import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { FileRef, FileStore } from '../../src/ports/file-store.ts';
import { bytesAt, collect, contentOf } from '../support/generated-content.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { putAndDie } from '../support/put-and-die.ts';
import type { FileStoreHarness } from './file-store.contract.ts';

const MIB = 1024 * 1024;
const NOT_FOUND = { code: 'not-found' };
const NOT_THAT_LONG = { code: 'precondition-failed' };

const newFile = (): FileRef => ({ bucket: 'videos', key: `${randomUUID()}.${randomUUID()}` });

/** The promises of `FileStore` about files that grow over many requests. */
export function fileStoreAppendContract(harness: FileStoreHarness, store: FileStore): void {
  describe('parts', () => becomeAFile(harness, store));
  describe('a part whose end nobody heard', () => isWrittenAgain(harness, store));
  describe('a writer who is late', () => spoilsNothing(store));
  describe('complete', () => makesAFileOnce(harness, store));
  describe('remove', () => isFinal(harness, store));
}

function becomeAFile(harness: FileStoreHarness, store: FileStore): void {
  it.each([
    ['of one byte', [1, 1, 1]],
    ['just shorter than a MiB', [MIB - 1, MIB - 1, MIB - 1]],
    ['just longer than a MiB', [MIB + 1, MIB + 1, MIB + 1]],
    ['of 4 MiB', [4 * MIB, 4 * MIB, 5]],
    ['of all sizes', [3, MIB - 3, MIB + 7, 0, 1, 2 * MIB, 4 * MIB - 8, 100]],
    ['of nothing, between others', [0, 10, 0, 10, 0]],
  ])('%s become a file', async (_, sizes) => {
    const file = newFile();
    let position = 0;
    for (const size of sizes) {
      const end = position + size;
      const appended = await store.append(file, position, contentOf(position, end, 60_000));
      expect(appended).toEqual({ sizeBytes: end });
      expect(await store.stat(file)).toBeUndefined();
      position = end;
    }
    await store.complete(file, position);
    await expectContent(store, file, position);
    await store.remove(file);
  });

  it('become a file when each is written by another store', async () => {
    const file = newFile();
    for (const position of [0, 2 * MIB, 4 * MIB]) {
      const other = harness.open();
      await other.append(file, position, contentOf(position, position + 2 * MIB));
      await other.dispose();
    }
    await store.complete(file, 6 * MIB);
    await expectContent(store, file, 6 * MIB);
    await store.remove(file);
  });

  it('become an empty file when there is nothing in them', async () => {
    const file = newFile();
    expect(await store.append(file, 0, contentOf(0, 0))).toEqual({ sizeBytes: 0 });
    await store.complete(file, 0);
    await store.complete(file, 0);
    await expectContent(store, file, 0);
    await store.remove(file);
  });

  it('are refused where they would leave a gap', async () => {
    const file = newFile();
    const appendAt = (position: number) => store.append(file, position, contentOf(0, 10));
    await expect(appendAt(1)).rejects.toMatchObject(NOT_FOUND);
    await appendAt(0);
    await expect(appendAt(11)).rejects.toMatchObject(NOT_THAT_LONG);
    await expect(appendAt(2 * MIB)).rejects.toMatchObject(NOT_THAT_LONG);
    await expect(appendAt(-1)).rejects.toThrow(RangeError);
    await expect(appendAt(0.5)).rejects.toThrow(RangeError);
    await store.complete(file, 10);
    await expectContent(store, file, 10);
    await store.remove(file);
  });

  it.skipIf(!harness.elsewhere)('of 4 MiB need a few MiB of memory, up to 200 MiB', async () => {
    const file = newFile();
    const before = memoryInUse();
    let most = 0;
    async function* part(start: number) {
      for (let position = start; position < start + 4 * MIB; position += 64 * 1024) {
        if (position % (14 * MIB) === 0) most = Math.max(most, memoryInUse() - before);
        yield bytesAt(position, position + 64 * 1024);
      }
    }
    for (let position = 0; position < 200 * MIB; position += 4 * MIB) {
      await store.append(file, position, part(position));
    }
    await store.complete(file, 200 * MIB);
    const edge = { start: 104 * MIB - 10, end: 104 * MIB + 10 };
    const read = await collect(store.readRange(file, edge));
    expect(bytesAt(edge.start, edge.end).equals(read)).toBe(true);
    await store.remove(file);
    expect(most / MIB).toBeLessThan(16);
  });
}

function isWrittenAgain(harness: FileStoreHarness, store: FileStore): void {
  const { elsewhere } = harness;
  const START = MIB + 11;

  it.each([
    ['shorter', 10],
    ['shorter by a chunk', MIB + 20],
    ['as long', 2 * MIB],
    ['longer', 3 * MIB + 1],
  ])('is replaced by one that is %s', async (_, size) => {
    const file = newFile();
    await store.append(file, 0, contentOf(0, START));
    await store.append(file, START, contentOf(7, 7 + 2 * MIB));
    const end = START + size;
    expect(await store.append(file, START, contentOf(START, end))).toEqual({ sizeBytes: end });
    await store.append(file, end, contentOf(end, end + 100));
    await store.complete(file, end + 100);
    await expectContent(store, file, end + 100);
    await store.remove(file);
  });

  it('is replaced from the beginning of the file on', async () => {
    const file = newFile();
    await store.append(file, 0, contentOf(7, 3 * MIB));
    await store.append(file, 0, contentOf(0, MIB + 5));
    await store.complete(file, MIB + 5);
    await expectContent(store, file, MIB + 5);
    await store.remove(file);
  });

  it('leaves what was before it as it was when the content fails', async () => {
    const file = newFile();
    const error = new Error('the upload was cut off');
    async function* failing() {
      yield* contentOf(7, 2 * MIB);
      throw error;
    }
    await expect(store.append(file, 0, failing())).rejects.toBe(error);
    await store.append(file, 0, contentOf(0, START));
    await expect(store.append(file, START, failing())).rejects.toBe(error);
    await store.append(file, START, contentOf(START, 2 * MIB));
    await store.complete(file, 2 * MIB);
    await expectContent(store, file, 2 * MIB);
    await store.remove(file);
  });

  it('leaves a file that can be completed when the content fails', async () => {
    const file = newFile();
    async function* failing() {
      yield* contentOf(7, 2 * MIB);
      throw new Error('cut off');
    }
    await store.append(file, 0, contentOf(0, START));
    await expect(store.append(file, START, failing())).rejects.toThrow('cut off');
    await store.complete(file, START);
    await expectContent(store, file, START);
    await store.remove(file);
  });

  it('is given up when it is aborted, even while the content hangs', async () => {
    const file = newFile();
    const abort = new AbortController();
    const reason = new Error('the lease is lost');
    async function* hanging() {
      yield* contentOf(7, 2 * MIB);
      abort.abort(reason);
      await new Promise(() => undefined);
    }
    await store.append(file, 0, contentOf(0, START));
    const { signal } = abort;
    await expect(store.append(file, START, hanging(), { signal })).rejects.toBe(reason);
    await expect(store.append(file, START, contentOf(0, 1), { signal })).rejects.toBe(reason);
    await store.append(file, START, contentOf(START, 2 * MIB));
    await store.complete(file, 2 * MIB);
    await expectContent(store, file, 2 * MIB);
    await store.remove(file);
  });

  it.skipIf(!elsewhere)('is written again after its process was killed', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await store.append(file, 0, contentOf(0, START));
    await putAndDie({ ...elsewhere, file, position: START });
    expect(await store.stat(file)).toBeUndefined();
    await store.append(file, START, contentOf(START, START + MIB));
    await store.complete(file, START + MIB);
    await expectContent(store, file, START + MIB);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it.skipIf(!elsewhere)('is removed after its process was killed', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await putAndDie({ ...elsewhere, file, position: 0 });
    expect(await harness.countStored()).toBeGreaterThan(before);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });
}

function spoilsNothing(store: FileStore): void {
  const PART = 2 * MIB + 100;

  it.each([
    ['in the middle of a part', 64 * 1024],
    ['at the end of a part', PART],
    ['at a part that it has not begun', 0],
  ])('spoils nothing when another has gone on, %s', async (_, late) => {
    const file = newFile();
    await store.append(file, 0, contentOf(0, 50));
    async function* content() {
      yield* contentOf(50, 50 + late);
      await store.append(file, 50, contentOf(50, 50 + PART));
      await store.append(file, 50 + PART, contentOf(50 + PART, 4 * MIB));
      yield* contentOf(50 + late, 50 + PART);
    }
    await store.append(file, 50, content());
    await store.append(file, 4 * MIB, contentOf(4 * MIB, 5 * MIB));
    await store.complete(file, 5 * MIB);
    await expectContent(store, file, 5 * MIB);
    await store.remove(file);
  });

  it('spoils nothing when another has completed the file', async () => {
    const file = newFile();
    await store.append(file, 0, contentOf(0, 50));
    async function* content() {
      yield* contentOf(50, MIB);
      await store.append(file, 50, contentOf(50, 50 + PART));
      await store.append(file, 50 + PART, contentOf(50 + PART, 4 * MIB));
      await store.complete(file, 4 * MIB);
      yield* contentOf(MIB, 50 + PART);
    }
    // It has come too late: whether it hears so does not matter.
    await store.append(file, 50, content()).catch((error: unknown) => {
      expect(error).toMatchObject(NOT_FOUND);
    });
    await store.complete(file, 4 * MIB);
    await expectContent(store, file, 4 * MIB);
    await store.remove(file);
  });

  it('spoils nothing when another writes the same at the same time and goes on', async () => {
    for (let round = 0; round < 30; round += 1) {
      const file = newFile();
      await store.append(file, 0, contentOf(0, 50));
      async function another() {
        await store.append(file, 50, contentOf(50, 1000));
        await store.append(file, 1000, contentOf(1000, 2000));
        await store.append(file, 2000, contentOf(2000, 3000));
      }
      async function late() {
        await afterAnswers(store, round % 10);
        await store.append(file, 50, contentOf(50, 1000));
      }
      await Promise.all([another(), late(), late(), late()]);
      await store.complete(file, 3000);
      await expectContent(store, file, 3000);
      await store.remove(file);
    }
  });

  it('spoils nothing when two write the same at the same time', async () => {
    const file = newFile();
    const before = [0, 1, 2].map(() => store.append(file, 0, contentOf(0, 1000, 100)));
    await Promise.all(before);
    const parts = [0, 1, 2, 3].map((n) => contentOf(1000, 1000 + PART, 60_000 + n * 10_000));
    await Promise.all(parts.map((part) => store.append(file, 1000, part)));
    await store.complete(file, 1000 + PART);
    await expectContent(store, file, 1000 + PART);
    await store.remove(file);
  });
}

function makesAFileOnce(harness: FileStoreHarness, store: FileStore): void {
  it('refuses a file that is shorter, and takes it when the rest is there', async () => {
    const file = newFile();
    await store.append(file, 0, contentOf(0, 2 * MIB));
    await expect(store.complete(file, 2 * MIB + 1)).rejects.toMatchObject(NOT_THAT_LONG);
    await expect(store.complete(file, 9 * MIB)).rejects.toMatchObject(NOT_THAT_LONG);
    expect(await store.stat(file)).toBeUndefined();
    await store.append(file, 2 * MIB, contentOf(2 * MIB, 2 * MIB + 1));
    await store.complete(file, 2 * MIB + 1);
    await expectContent(store, file, 2 * MIB + 1);
    await store.remove(file);
  });

  it('refuses a file that was never begun', async () => {
    await expect(store.complete(newFile(), 0)).rejects.toMatchObject(NOT_FOUND);
    await expect(store.complete(newFile(), 10)).rejects.toMatchObject(NOT_FOUND);
    await expect(store.complete(newFile(), -1)).rejects.toThrow(RangeError);
  });

  it('changes nothing when it is repeated, and refuses another size', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await store.append(file, 0, contentOf(0, MIB + 1));
    await store.complete(file, MIB + 1);
    await store.complete(file, MIB + 1);
    await expect(store.complete(file, MIB)).rejects.toMatchObject(NOT_THAT_LONG);
    await expect(store.complete(file, MIB + 2)).rejects.toMatchObject(NOT_THAT_LONG);
    await expect(store.append(file, MIB + 1, contentOf(0, 1))).rejects.toMatchObject(NOT_FOUND);
    await expectContent(store, file, MIB + 1);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it('may be called several times at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const file = newFile();
      await store.append(file, 0, contentOf(0, 10));
      await Promise.all([1, 2, 3].map(() => store.complete(file, 10)));
      await expectContent(store, file, 10);
      await store.remove(file);
    }
  });

  it.each([0, 5, MIB, MIB + 5, 2 * MIB])('cuts surplus bytes away behind %i', async (size) => {
    const file = newFile();
    const before = await harness.countStored();
    await store.append(file, 0, contentOf(0, 3 * MIB + 5));
    await store.complete(file, size);
    await expectContent(store, file, size);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it('replaces the file of that name, which stays until then', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await store.put(file, contentOf(0, MIB + 7));
    await store.append(file, 0, contentOf(0, MIB));
    await store.append(file, MIB, contentOf(MIB, 3 * MIB));
    await expectContent(store, file, MIB + 7);
    await store.complete(file, 3 * MIB);
    await expectContent(store, file, 3 * MIB);
    await store.append(file, 0, contentOf(0, 9));
    await expectContent(store, file, 3 * MIB);
    await store.complete(file, 9);
    await expectContent(store, file, 9);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it('has nothing to do with a put under the same name', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await store.append(file, 0, contentOf(0, MIB));
    await store.put(file, contentOf(0, 20));
    await store.append(file, MIB, contentOf(MIB, 2 * MIB));
    await expectContent(store, file, 20);
    async function* content() {
      yield* contentOf(0, 10);
      await store.complete(file, 2 * MIB);
      await expectContent(store, file, 2 * MIB);
      yield* contentOf(10, 30);
    }
    await store.put(file, content());
    await expectContent(store, file, 30);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });
}

function isFinal(harness: FileStoreHarness, store: FileStore): void {
  it('also removes what was not completed, with or without a file of that name', async () => {
    const file = newFile();
    const neighbour = { ...file, key: `${file.key}.1` };
    const before = await harness.countStored();
    await store.append(neighbour, 0, contentOf(0, 10));
    await store.append(file, 0, contentOf(0, 3 * MIB));
    await store.remove(file);
    await expect(store.complete(file, 3 * MIB)).rejects.toMatchObject(NOT_FOUND);
    await expect(store.append(file, 3 * MIB, contentOf(0, 1))).rejects.toMatchObject(NOT_FOUND);
    await store.put(file, contentOf(0, 10));
    await store.append(file, 0, contentOf(0, 3 * MIB));
    await store.remove(file);
    expect(await store.stat(file)).toBeUndefined();
    await store.complete(neighbour, 10);
    await store.remove(neighbour);
    expect(await harness.countStored()).toBe(before);
  });

  it('removes a file that was completed, and the name can be used again', async () => {
    const file = newFile();
    const before = await harness.countStored();
    await store.append(file, 0, contentOf(0, 3 * MIB));
    await store.complete(file, 3 * MIB);
    await store.remove(file);
    await expect(store.complete(file, 3 * MIB)).rejects.toMatchObject(NOT_FOUND);
    await store.append(file, 0, contentOf(0, 10));
    await store.complete(file, 10);
    await expectContent(store, file, 10);
    await store.remove(file);
    expect(await harness.countStored()).toBe(before);
  });

  it.each([0, 5, MIB])('is not undone by an append that began before, at %i', async (position) => {
    const file = newFile();
    const before = await harness.countStored();
    await store.append(file, 0, contentOf(0, position));
    async function* content() {
      yield* contentOf(position, position + 2 * MIB);
      await store.remove(file);
      yield* contentOf(position + 2 * MIB, position + 4 * MIB);
    }
    await expect(store.append(file, position, content())).rejects.toMatchObject(NOT_FOUND);
    await expect(store.complete(file, position + 4 * MIB)).rejects.toMatchObject(NOT_FOUND);
    expect(await store.stat(file)).toBeUndefined();
    expect(await harness.countStored()).toBe(before);
  });

  it('leaves nothing of an append whose content fails after it', async () => {
    const file = newFile();
    const before = await harness.countStored();
    const error = new Error('the upload was cut off');
    async function* content() {
      yield* contentOf(0, 2 * MIB);
      await store.remove(file);
      yield* contentOf(2 * MIB, 4 * MIB);
      throw error;
    }
    await expect(store.append(file, 0, content())).rejects.toBe(error);
    expect(await harness.countStored()).toBe(before);
  });

  it.each([0, 10])('is not undone by a completion of %i bytes at the same time', async (size) => {
    const before = await harness.countStored();
    for (let round = 0; round < 30; round += 1) {
      const file = newFile();
      await store.append(file, 0, contentOf(0, size));
      const completed = store.complete(file, size).catch((error: unknown) => error);
      await afterAnswers(store, round % 10);
      await store.remove(file);
      expect([undefined, 'not-found']).toContain(codeOf(await completed));
      expect(await store.stat(file)).toBeUndefined();
    }
    expect(await harness.countStored()).toBe(before);
  });
}

/** Some moment in the middle of what is under way, which takes a number of answers itself. */
async function afterAnswers(store: FileStore, answers: number): Promise<void> {
  for (let answer = 0; answer < answers; answer += 1) await store.stat(newFile());
}

function codeOf(error: unknown): unknown {
  if (error === undefined) return undefined;
  return error instanceof Error && 'code' in error ? error.code : error;
}

async function expectContent(store: FileStore, file: FileRef, sizeBytes: number): Promise<void> {
  expect(await store.stat(file)).toEqual({ sizeBytes });
  const read = await collect(store.readRange(file, { start: 0, end: Number.MAX_SAFE_INTEGER }));
  expect(bytesAt(0, sizeBytes).equals(read)).toBe(true);
}
