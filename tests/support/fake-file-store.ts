import { abortable } from '../../src/adapters/files/abortable.ts';
import {
  checkedBytes,
  checkedKey,
  completedHead,
  cutRange,
  fileNotFound,
  nothingAppended,
  notThatLong,
  pageOfFiles,
  removedWhileWritten,
  reservedBytes,
} from '../../src/adapters/files/file-rules.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import { type Clock, systemClock } from '../../src/ports/clock.ts';
import type { FileRef, FileStore } from '../../src/ports/file-store.ts';

export interface FakeFileStore extends FileStore {
  /** From here on nothing answers. */
  breakDown(): void;
}

/**
 * Files in memory. Give two of them one map and they share their storage. What is not complete has a
 * `~` behind its name.
 */
export function fakeFileStore(
  files = new Map<string, Uint8Array>(),
  clock: Clock = systemClock,
): FakeFileStore {
  const times = new WeakMap<Uint8Array, Date>();
  const store = (name: string, bytes: Uint8Array) => {
    files.set(name, bytes);
    times.set(bytes, clock.now());
  };
  let state: 'working' | 'broken' | 'disposed' = 'working';

  function nameOf(file: FileRef): string {
    expectWorking();
    return `${file.bucket}/${checkedKey(file)}`;
  }

  function expectWorking(): void {
    if (state === 'broken') throw new Unavailable('files');
    if (state === 'disposed') throw new Error('the file store has been disposed of');
  }

  return {
    async put(file, content, { head, signal } = {}) {
      const name = nameOf(file);
      const pieces: Uint8Array[] = [new Uint8Array(reservedBytes(head))];
      for await (const piece of abortable(content, signal)) pieces.push(Uint8Array.from(piece));
      if (head) pieces[0] = completedHead(head);
      signal?.throwIfAborted();
      expectWorking();
      const bytes = Buffer.concat(pieces);
      store(name, bytes);
      return { sizeBytes: bytes.byteLength };
    },
    async append(file, position, content, { signal } = {}) {
      checkedBytes(position);
      const growing = `${nameOf(file)}~`;
      signal?.throwIfAborted();
      const before = files.get(growing) ?? (position === 0 ? new Uint8Array() : undefined);
      if (!before) throw nothingAppended(file);
      if (before.byteLength < position) throw notThatLong(file, position, before.byteLength);
      files.set(growing, before);
      const pieces: Uint8Array[] = [];
      for await (const piece of abortable(content, signal)) pieces.push(Uint8Array.from(piece));
      expectWorking();
      const now = files.get(growing);
      if (!now) throw removedWhileWritten(file);
      const part = Buffer.concat(pieces);
      const sizeBytes = position + part.byteLength;
      const behind = now.subarray(sizeBytes);
      store(growing, Buffer.concat([now.subarray(0, position), part, behind]));
      return { sizeBytes };
    },
    async complete(file, sizeBytes) {
      checkedBytes(sizeBytes);
      const name = nameOf(file);
      const growing = files.get(`${name}~`);
      const stored = growing ?? files.get(name);
      if (!stored) throw nothingAppended(file);
      const fits = growing ? stored.byteLength >= sizeBytes : stored.byteLength === sizeBytes;
      if (!fits) throw notThatLong(file, sizeBytes, stored.byteLength);
      store(name, stored.subarray(0, sizeBytes));
      files.delete(`${name}~`);
    },
    async stat(file) {
      const bytes = files.get(nameOf(file));
      return bytes && { sizeBytes: bytes.byteLength };
    },
    async *readRange(file, range) {
      const bytes = files.get(nameOf(file));
      if (!bytes) throw fileNotFound(file);
      const { start, end } = cutRange(range, bytes.byteLength);
      if (start < end) yield bytes.slice(start, end);
    },
    async list(bucket, { after = '', limit }) {
      expectWorking();
      const found = [...files].flatMap(([name, bytes]) => {
        const key = name.slice(bucket.length + 1).replace(/~$/, '');
        const isHere = name.startsWith(`${bucket}/`) && key > after;
        const sizeBytes = name.endsWith('~') ? 0 : bytes.byteLength;
        return isHere ? [{ key, sizeBytes, changedAt: times.get(bytes) ?? new Date() }] : [];
      });
      return pageOfFiles(found, limit);
    },
    async remove(file) {
      const name = nameOf(file);
      files.delete(`${name}~`);
      files.delete(name);
    },
    async ping() {
      expectWorking();
    },
    async dispose() {
      state = 'disposed';
    },
    breakDown() {
      state = 'broken';
    },
  };
}
