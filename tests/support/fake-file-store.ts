import { abortable } from '../../src/adapters/files/abortable.ts';
import {
  checkedKey,
  completedHead,
  cutRange,
  fileNotFound,
  reservedBytes,
} from '../../src/adapters/files/file-rules.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import type { FileRef, FileStore } from '../../src/ports/file-store.ts';

export interface FakeFileStore extends FileStore {
  /** From here on nothing answers. */
  breakDown(): void;
}

/** Files in memory. Give two of them one map and they share their storage. */
export function fakeFileStore(files = new Map<string, Uint8Array>()): FakeFileStore {
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
      files.set(name, bytes);
      return { sizeBytes: bytes.byteLength };
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
    async remove(file) {
      files.delete(nameOf(file));
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
