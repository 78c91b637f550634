import { Refused } from '../../domain/errors.ts';
import type { ByteRange } from '../../domain/media.ts';
import type { FileHead, FilePage, FileRef, StoredFile } from '../../ports/file-store.ts';

const HEAD_MAX_BYTES = 768 * 1024;

/** As the port says; dots alone are left out because `.` and `..` are folders to a file system. */
const KEY = /^(?!\.+$)[0-9a-z.-]{1,100}$/;

/**
 * The key, when it is one.
 *
 * @throws {RangeError} a mistake of the caller: keys are made by Soundlift, never by its users
 */
export function checkedKey(file: FileRef): string {
  if (!KEY.test(file.key)) throw new RangeError(`not a file key: ${JSON.stringify(file.key)}`);
  return file.key;
}

export function isKey(name: string): boolean {
  return KEY.test(name);
}

/** The first `limit` keys of what was found, one entry for each. */
export function pageOfFiles(found: readonly StoredFile[], limit: number): FilePage {
  const byKey = new Map<string, StoredFile>();
  for (const file of found) {
    const other = byKey.get(file.key);
    const changedAt = other && other.changedAt > file.changedAt ? other.changedAt : file.changedAt;
    const sizeBytes = Math.max(file.sizeBytes, other?.sizeBytes ?? 0);
    byKey.set(file.key, { key: file.key, sizeBytes, changedAt });
  }
  const files = [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = files.slice(0, limit);
  const next = files.length > limit ? items.at(-1)?.key : undefined;
  return next === undefined ? { items } : { items, next };
}

/** The part of a range that lies in a file of this size; empty (`start === end`) when none does. */
export function cutRange(range: ByteRange, sizeBytes: number): ByteRange {
  const start = Math.min(Math.max(range.start, 0), sizeBytes);
  return { start, end: Math.min(Math.max(range.end, start), sizeBytes) };
}

/** How many bytes to keep free at the start. */
export function reservedBytes(head: FileHead | undefined): number {
  if (head && head.sizeBytes > HEAD_MAX_BYTES) {
    throw new RangeError(`a head has at most ${HEAD_MAX_BYTES} bytes, not ${head.sizeBytes}`);
  }
  return head?.sizeBytes ?? 0;
}

/** The head, checked to fill the place that was kept free for it. */
export function completedHead(head: FileHead): Uint8Array {
  const bytes = head.complete();
  if (bytes.byteLength !== head.sizeBytes) {
    throw new RangeError(`${head.sizeBytes} bytes are reserved, the head has ${bytes.byteLength}`);
  }
  return bytes;
}

export function fileNotFound(file: FileRef): Refused {
  return new Refused('not-found', `there is no file ${file.bucket}/${file.key}`);
}

/**
 * A number of bytes.
 *
 * @throws {RangeError} a mistake of the caller
 */
export function checkedBytes(bytes: number): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`not a size: ${bytes}`);
  return bytes;
}

export function nothingAppended(file: FileRef): Refused {
  return new Refused('not-found', `nothing has been appended to ${file.bucket}/${file.key}`);
}

/** What was asked for needs `sizeBytes` bytes, and there are fewer, or a whole file of another size. */
export function notThatLong(file: FileRef, sizeBytes: number, stored: number): Refused {
  const what = `${file.bucket}/${file.key} has ${stored} bytes and not ${sizeBytes}`;
  return new Refused('precondition-failed', what);
}

/** What a put, an append or a completion ends with when the file was removed under it. */
export function removedWhileWritten(file: FileRef): Refused {
  return new Refused('not-found', `${file.bucket}/${file.key} was removed while it was written`);
}
