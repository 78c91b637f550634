import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Unavailable } from '../../domain/errors.ts';
import type { FileRef, FileStore, PutOptions } from '../../ports/file-store.ts';
import { abortable } from './abortable.ts';
import {
  checkedKey,
  completedHead,
  cutRange,
  fileNotFound,
  removedWhileWritten,
  reservedBytes,
} from './file-rules.ts';

const BUCKETS: readonly FileRef['bucket'][] = ['videos', 'mp3s'];
const READ_BYTES = 256 * 1024;

/**
 * Files in a folder, one subfolder per bucket. What is being written has a name with a `~`, which
 * no key has, and gets its own name by an atomic rename when it is complete and on the disk. There
 * are no timeouts: a local folder answers or fails, and Node cannot take back a file operation.
 *
 * @param options.directory made at the first use when it is not there
 */
export function createDiskFileStore(options: { readonly directory: string }): FileStore {
  const { directory } = options;
  let prepared: Promise<unknown> | undefined;
  let disposed = false;

  /** The folder is made once: when it vanishes later, that is a fault and not a fresh start. */
  async function folderOf(bucket: FileRef['bucket']): Promise<string> {
    if (disposed) throw new Error('the file store has been disposed of');
    prepared ??= makeFolders(directory).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    await answered(prepared);
    return join(directory, bucket);
  }

  async function put(file: FileRef, content: AsyncIterable<Uint8Array>, options: PutOptions = {}) {
    const key = checkedKey(file);
    const folder = await folderOf(file.bucket);
    const part = join(folder, `${key}~${randomUUID()}.part`);
    const handle = await answered(open(part, 'wx'));
    try {
      const sizeBytes = await write(handle, content, options);
      await answered(handle.sync());
      const renamed = await answered(
        ifThere(
          folder,
          rename(part, join(folder, key)).then(() => true),
        ),
      );
      if (!renamed) throw removedWhileWritten(file);
      await answered(syncFolder(folder));
      return { sizeBytes };
    } catch (error) {
      await rm(part, { force: true }).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  }

  async function* readRange(file: FileRef, range: { start: number; end: number }) {
    const key = checkedKey(file);
    const folder = await folderOf(file.bucket);
    const handle = await answered(ifThere(folder, open(join(folder, key), 'r')));
    if (!handle) throw fileNotFound(file);
    try {
      const { start, end } = cutRange(range, (await answered(handle.stat())).size);
      for (let position = start; position < end; ) {
        const piece = await answered(read(handle, position, Math.min(READ_BYTES, end - position)));
        position += piece.byteLength;
        yield piece;
      }
    } finally {
      await handle.close();
    }
  }

  return {
    put,
    readRange,
    async stat(file) {
      const key = checkedKey(file);
      const folder = await folderOf(file.bucket);
      const found = await answered(ifThere(folder, stat(join(folder, key))));
      return found && { sizeBytes: found.size };
    },
    async remove(file) {
      const key = checkedKey(file);
      const folder = await folderOf(file.bucket);
      const names = await answered(readdir(folder));
      const doomed = names.filter((name) => name === key || name.startsWith(`${key}~`));
      await answered(Promise.all(doomed.map((name) => rm(join(folder, name), { force: true }))));
      if (doomed.length > 0) await answered(syncFolder(folder));
    },
    async ping() {
      for (const bucket of BUCKETS) {
        await answered(access(await folderOf(bucket), constants.R_OK | constants.W_OK));
      }
    },
    async dispose() {
      disposed = true;
    },
  };
}

/** Writes everything but the name. Errors of the content pass as they are. */
async function write(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  { head, signal }: PutOptions,
): Promise<number> {
  let position = reservedBytes(head);
  for await (const piece of abortable(content, signal)) {
    await answered(writeAt(handle, piece, position));
    position += piece.byteLength;
  }
  if (head) await answered(writeAt(handle, completedHead(head), 0));
  signal?.throwIfAborted();
  return position;
}

/** A write may take less than it was given (POSIX write(2)). */
async function writeAt(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
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

async function read(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, position);
  if (bytesRead === 0) throw new Error(`the file has become shorter than ${position} bytes`);
  return buffer.subarray(0, bytesRead);
}

function makeFolders(directory: string): Promise<unknown> {
  return Promise.all(BUCKETS.map((bucket) => mkdir(join(directory, bucket), { recursive: true })));
}

/** A new name is on the disk only when its folder is (fsync(2), "NOTES"). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `undefined` when the file is not there but its folder is. */
async function ifThere<T>(folder: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    await access(folder);
    return undefined;
  }
}

async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new Unavailable('files', { cause });
  }
}
