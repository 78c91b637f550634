import { access, type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Unavailable } from '../../domain/errors.ts';
import type { FilePage, StoredFile } from '../../ports/file-store.ts';
import { abortable } from './abortable.ts';
import { isKey, pageOfFiles } from './file-rules.ts';

/** @returns where the content ends */
export async function writePieces(
  handle: FileHandle,
  start: number,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let position = start;
  for await (const piece of abortable(content, signal)) {
    await answered(writeAt(handle, piece, position));
    position += piece.byteLength;
  }
  return position;
}

/** A write may take less than it was given (POSIX write(2)). */
export async function writeAt(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(
      bytes,
      done,
      bytes.byteLength - done,
      position + done,
    );
    done += bytesWritten;
  }
}

export async function read(
  handle: FileHandle,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
  if (bytesRead === 0) throw new Error(`the file has become shorter than ${position} bytes`);
  return buffer.subarray(0, bytesRead);
}

/** False when the file was removed while it was open; a new name is a name. */
export async function hasName(handle: FileHandle): Promise<boolean> {
  return (await handle.stat()).nlink > 0;
}

/** A new name is on the disk only when its folder is (fsync(2), "NOTES"). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `undefined` when the file is not there but its folder is. */
export async function ifThere<T>(folder: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    await access(folder);
    return undefined;
  }
}

/** Only what is on the page is looked at. What has a `~` in its name belongs to the key before it. */
export async function listFolder(folder: string, after: string, limit: number): Promise<FilePage> {
  const keyOf = (name: string) => name.replace(/~.*$/, '');
  const names = (await readdir(folder)).filter((name) => isKey(keyOf(name)) && keyOf(name) > after);
  // One more than the page has, which says whether there is another.
  const keys = [...new Set(names.map(keyOf))].sort().slice(0, limit + 1);
  const wanted = new Set(keys);
  const found: StoredFile[] = [];
  for (const name of names.filter((candidate) => wanted.has(keyOf(candidate)))) {
    const file = await ifThere(folder, stat(join(folder, name)));
    const sizeBytes = file && isKey(name) ? file.size : 0;
    if (file?.isFile()) found.push({ key: keyOf(name), sizeBytes, changedAt: file.mtime });
  }
  return pageOfFiles(found, limit);
}

export async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new Unavailable('files', { cause });
  }
}
