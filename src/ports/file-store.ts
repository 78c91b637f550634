import type { ByteRange } from '../domain/media.ts';

/** Names a file: `videos` holds what was uploaded, `mp3s` what came out of it. */
export interface FileRef {
  readonly bucket: 'videos' | 'mp3s';
  /** `[0-9a-z.-]+`, at most 100 characters; never a name that a user chose. */
  readonly key: string;
}

/**
 * The first bytes of a file that can be known only when the rest is: an MP3's Xing header counts
 * the frames that follow it. The store reserves the place and fills it last.
 */
export interface FileHead {
  /** At most 768 KiB. */
  readonly sizeBytes: number;
  /** Called once, after the content has ended. Returns exactly `sizeBytes` bytes. */
  complete(): Uint8Array;
}

export interface PutOptions {
  readonly head?: FileHead | undefined;
  /** Ends the put early: it rejects with the signal's reason and leaves nothing. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps files.
 *
 * Promises, which `tests/contract/file-store.contract.ts` checks:
 * - a file is there whole or not at all: while `put` runs, and after it failed, was aborted or its
 *   process died, `stat` finds nothing;
 * - `put` replaces what was there under the same name;
 * - `put` and `readRange` hold no more than a few MiB in memory, whatever the file's size;
 * - `readRange` costs in proportion to the range, not to the file or to where the range lies;
 * - `remove` also removes what a died `put` left;
 * - every method rejects with `Unavailable('files')` when the storage does not answer in time; an
 *   error of the content itself is passed on as it is.
 */
export interface FileStore {
  put(
    file: FileRef,
    content: AsyncIterable<Uint8Array>,
    options?: PutOptions,
  ): Promise<{ readonly sizeBytes: number }>;
  stat(file: FileRef): Promise<{ readonly sizeBytes: number } | undefined>;
  /**
   * The bytes of a range, in pieces of any size. A range that leaves the file is cut to it. Leaving
   * the loop early frees everything.
   *
   * @throws {Refused} `not-found` when the file is not there
   */
  readRange(file: FileRef, range: ByteRange): AsyncIterable<Uint8Array>;
  /** Without effect when there is no such file. */
  remove(file: FileRef): Promise<void>;
  /** Resolves when the storage has answered. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}
