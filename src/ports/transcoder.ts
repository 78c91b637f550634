import type { ByteRange, ConversionOptions, Made, SourceFacts, Warning } from '../domain/media.ts';
import type { FileHead } from './file-store.ts';

/** A video that can be read at any place. */
export interface MediaSource {
  readonly sizeBytes: number;
  readRange(range: ByteRange): AsyncIterable<Uint8Array>;
}

export interface Progress {
  /** How much of the source's sound is done, in seconds. */
  readonly doneSeconds: number;
  /** 0–1; absent while the length of the source is unknown. */
  readonly fraction?: number | undefined;
}

export interface TranscodeJob {
  readonly source: MediaSource;
  /** What the owner calls the video: the title, when the source has none of its own. */
  readonly fileName: string;
  readonly options: ConversionOptions;
  readonly signal: AbortSignal;
  /** Called about twice a second. */
  readonly onProgress: (progress: Progress) => void;
}

/** What came out, known when `audio` has ended. */
export interface TranscodeResult {
  readonly durationSeconds: number;
  readonly source: SourceFacts;
  readonly made: Made;
  readonly warnings: readonly Warning[];
}

export interface Transcoding {
  /**
   * The MP3 after its head, while it is made. Ends when the MP3 is whole; throws `UnusableMedia`
   * when the source has no sound in it, what reading the source threw, or the signal's reason.
   * Leaving the loop early stops the work. To be read once.
   */
  readonly audio: AsyncIterable<Uint8Array>;
  /** Tags and the frame that holds the length; stored before `audio`, complete after it. */
  readonly head: FileHead;
  /** @throws {Error} while `audio` has not ended */
  result(): TranscodeResult;
}

/**
 * Takes the sound out of a video.
 *
 * Promises, which `tests/contract/transcoder.contract.ts` checks:
 * - decoded, head and audio are as long as the source's sound (± one frame of 1,152 samples);
 * - memory and disk do not grow with the length of the source, and the source is never whole on disk;
 * - when `audio` has ended, in whatever way, no process, socket or temporary file is left;
 * - the source is all that the source can make it read: no file, no address beside it.
 */
export interface Transcoder {
  /**
   * Looks at the source and decides what is to be done. Nothing runs until `audio` is read.
   *
   * @throws what `audio` throws
   */
  toMp3(job: TranscodeJob): Promise<Transcoding>;
  /** Resolves with the first line that the transcoder says of itself; rejects when it cannot run. */
  version(): Promise<string>;
}
