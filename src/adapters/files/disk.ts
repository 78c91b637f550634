import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppendOptions, FileRef, FileStore, PutOptions } from '../../ports/file-store.ts';
import {
  answered,
  hasName,
  ifThere,
  listFolder,
  read,
  syncFolder,
  writeAt,
  writePieces,
} from './disk-operations.ts';
import {
  checkedBytes,
  checkedKey,
  completedHead,
  cutRange,
  fileNotFound,
  nothingAppended,
  notThatLong,
  removedWhileWritten,
  reservedBytes,
} from './file-rules.ts';

const BUCKETS: readonly FileRef['bucket'][] = ['videos', 'mp3s'];
const READ_BYTES = 1024 * 1024;
/** Begins a file without emptying the one that another append has begun. */
const OPEN_OR_MAKE = constants.O_RDWR | constants.O_CREAT;

/**
 * Files in a folder, one subfolder per bucket. What is being written has a name with a `~`, which
 * no key has, and gets its own name by an atomic rename when it is complete and on the disk. What is
 * appended to has one such name for all appends. There are no timeouts: a local folder answers or
 * fails, and Node cannot take back a file operation.
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

  async function append(
    file: FileRef,
    position: number,
    content: AsyncIterable<Uint8Array>,
    { signal }: AppendOptions = {},
  ) {
    checkedBytes(position);
    const key = checkedKey(file);
    const folder = await folderOf(file.bucket);
    signal?.throwIfAborted();
    const opened = open(growing(folder, key), position === 0 ? OPEN_OR_MAKE : constants.O_RDWR);
    const handle = await answered(ifThere(folder, opened));
    if (!handle) throw nothingAppended(file);
    try {
      const { size } = await answered(handle.stat());
      if (size < position) throw notThatLong(file, position, size);
      const sizeBytes = await writePieces(handle, position, content, signal);
      await answered(handle.sync());
      if (position === 0) await answered(syncFolder(folder));
      if (!(await answered(hasName(handle)))) throw removedWhileWritten(file);
      return { sizeBytes };
    } finally {
      await handle.close();
    }
  }

  async function complete(file: FileRef, sizeBytes: number) {
    checkedBytes(sizeBytes);
    const key = checkedKey(file);
    const folder = await folderOf(file.bucket);
    const handle = await answered(ifThere(folder, open(growing(folder, key), constants.O_RDWR)));
    if (!handle) return await expectCompleted(file, folder, sizeBytes);
    try {
      const { size } = await answered(handle.stat());
      if (size < sizeBytes) throw notThatLong(file, sizeBytes, size);
      if (size > sizeBytes) await answered(handle.truncate(sizeBytes));
      await answered(handle.sync());
      const renamed = rename(growing(folder, key), join(folder, key)).then(() => true);
      if (await answered(ifThere(folder, renamed))) await answered(syncFolder(folder));
      else await expectCompleted(file, folder, sizeBytes);
    } finally {
      await handle.close();
    }
  }

  /** There is nothing to complete: that is as it should be when it has been completed. */
  async function expectCompleted(file: FileRef, folder: string, sizeBytes: number) {
    const found = await answered(ifThere(folder, stat(join(folder, file.key))));
    if (!found) throw nothingAppended(file);
    if (found.size !== sizeBytes) throw notThatLong(file, sizeBytes, found.size);
    // Whoever renamed it may have died before the name was on the disk.
    await answered(syncFolder(folder));
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
    append,
    complete,
    readRange,
    async stat(file) {
      const key = checkedKey(file);
      const folder = await folderOf(file.bucket);
      const found = await answered(ifThere(folder, stat(join(folder, key))));
      return found && { sizeBytes: found.size };
    },
    async list(bucket, { after = '', limit }) {
      const folder = await folderOf(bucket);
      return answered(listFolder(folder, after, limit));
    },
    async remove(file) {
      const key = checkedKey(file);
      const folder = await folderOf(file.bucket);
      const names = await answered(readdir(folder));
      const doomed = names.filter((name) => name === key || name.startsWith(`${key}~`));
      const unfinished = doomed.filter((name) => name !== key);
      await answered(
        Promise.all(unfinished.map((name) => rm(join(folder, name), { force: true }))),
      );
      // Last: what was complete before its unfinished name was gone has this one now.
      await answered(rm(join(folder, key), { force: true }));
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
  const sizeBytes = await writePieces(handle, reservedBytes(head), content, signal);
  if (head) await answered(writeAt(handle, completedHead(head), 0));
  signal?.throwIfAborted();
  return sizeBytes;
}

/** What is appended to has a name of its own, which `remove` finds as it does those of puts. */
function growing(folder: string, key: string): string {
  return join(folder, `${key}~appended.part`);
}

function makeFolders(directory: string): Promise<unknown> {
  return Promise.all(BUCKETS.map((bucket) => mkdir(join(directory, bucket), { recursive: true })));
}
