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

export interface AppendOptions {
  /** Ends the append early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Something that is stored under a key: a file, or what may become one. */
export interface StoredFile {
  readonly key: string;
  /** Of the file; 0 when there is none under this key, but only what is being written, or was left. */
  readonly sizeBytes: number;
  /** When the file came to be, or what is not one yet was begun or last written. */
  readonly changedAt: Date;
}

export interface FilePage {
  readonly items: readonly StoredFile[];
  /** The key to pass as `after` for the next page; absent on the last one. */
  readonly next?: string | undefined;
}

/**
 * Keeps files.
 *
 * Promises, which `tests/contract/file-store.contract.ts` checks:
 * - a file is there whole or not at all: while `put` runs, and after it failed, was aborted or its
 *   process died, `stat` finds nothing; nor does it of what was appended, until `complete`;
 * - `put` and `complete` replace what was there under the same name, and neither touches what the
 *   other is about to make;
 * - `put`, `append` and `readRange` hold no more than a few MiB in memory, whatever the file's size;
 * - `readRange` and `append` cost in proportion to the range or the part, not to the file or to where
 *   in it that lies; `complete` reads no more than a MiB;
 * - what an `append` has resolved for is durable. One that failed, was aborted or whose process died
 *   left the bytes before its position as they were, and can be done again from there;
 * - an `append` that goes on after another has taken over from it with the same bytes spoils nothing,
 *   not even after `complete`: every byte is written to its own place and nothing is cut;
 * - `remove` also removes what a died `put` left and what was appended. What is under way meanwhile,
 *   put, append or complete, does not bring the file back;
 * - every method rejects with `Unavailable('files')` when the storage does not answer in time; an
 *   error of the content itself is passed on as it is.
 */
export interface FileStore {
  put(
    file: FileRef,
    content: AsyncIterable<Uint8Array>,
    options?: PutOptions,
  ): Promise<{ readonly sizeBytes: number }>;
  /**
   * Writes a part of a file that grows over many requests, from `position` on; 0 begins the file.
   * What lay there, of an append whose end nobody heard, is replaced; what lies behind the end of this
   * part is replaced by the next or cut away by `complete`. Of appends to one file at the same time,
   * only those of the same bytes are safe: the caller holds a lease.
   *
   * @returns when the bytes are durable; `sizeBytes` is `position` and what was written
   * @throws {Refused} `not-found` when `position` is not 0 and nothing has been appended, or when the
   *   file was removed meanwhile; `precondition-failed` when the stored bytes end before `position`
   */
  append(
    file: FileRef,
    position: number,
    content: AsyncIterable<Uint8Array>,
    options?: AppendOptions,
  ): Promise<{ readonly sizeBytes: number }>;
  /**
   * Makes a file of what was appended: its first `sizeBytes` bytes. Doing it again changes nothing,
   * also when it was cut short.
   *
   * @throws {Refused} `precondition-failed` when fewer bytes are stored, or a file of another size is
   *   there already; `not-found` when nothing has been appended, or it was removed meanwhile
   */
  complete(file: FileRef, sizeBytes: number): Promise<void>;
  stat(file: FileRef): Promise<{ readonly sizeBytes: number } | undefined>;
  /**
   * The bytes of a range, in pieces of any size. A range that leaves the file is cut to it. Leaving
   * the loop early frees everything.
   *
   * @throws {Refused} `not-found` when the file is not there
   */
  readRange(file: FileRef, range: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * What is stored in a bucket, whole or not, in the order of the keys. Foreign files, whose names are no
   * keys, are left out. A page costs in proportion to `limit`, but for a folder, which is read whole.
   *
   * @param wanted.after exclusive; it need not be the key of anything
   */
  list(
    bucket: FileRef['bucket'],
    wanted: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<FilePage>;
  /** Without effect when there is no such file. */
  remove(file: FileRef): Promise<void>;
  /** Resolves when the storage has answered. */
  ping(): Promise<void>;
  dispose(): Promise<void>;
}
