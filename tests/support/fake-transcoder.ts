import { Unavailable, UnusableMedia } from '../../src/domain/errors.ts';
import type { TranscodeJob, TranscodeResult, Transcoder } from '../../src/ports/transcoder.ts';

/** What a source begins with, to say what it is to the fake; anything else has sound. */
export const NO_AUDIO = 'no audio';
export const NOT_MEDIA = 'not media';

const HEAD = Buffer.from('head of the MP3;');
const PIECE_BYTES = 1_024;
const BYTES_PER_SECOND = 1_000;

export interface FakeTranscoder extends Transcoder {
  /** From here on it cannot run. */
  breakDown(): void;
}

/**
 * Makes "MP3s" that are their source unchanged behind a head. Keeps the promises of `Transcoder`
 * about how a conversion runs and ends; those about sound it cannot keep.
 */
export function fakeTranscoder(): FakeTranscoder {
  let isBroken = false;
  return {
    async toMp3(job) {
      job.signal.throwIfAborted();
      if (isBroken) throw new Unavailable('ffmpeg');
      let result: TranscodeResult | undefined;
      async function* audio() {
        yield* copied(job);
        result = {
          durationSeconds: job.source.sizeBytes / BYTES_PER_SECOND,
          source: { audioCodec: 'fake' },
          made: { how: 'encoded', as: 'V2' },
          warnings: [],
        };
      }
      const ended = (): TranscodeResult => {
        if (result === undefined) throw new Error('the audio has not ended');
        return result;
      };
      const complete = () => {
        ended();
        return HEAD;
      };
      return { audio: audio(), head: { sizeBytes: HEAD.length, complete }, result: ended };
    },

    async version() {
      if (isBroken) throw new Unavailable('ffmpeg');
      return 'fake transcoder';
    },

    breakDown() {
      isBroken = true;
    },
  };
}

async function* copied({ source, signal, onProgress }: TranscodeJob): AsyncGenerator<Uint8Array> {
  const { sizeBytes } = source;
  if (sizeBytes === 0) throw new UnusableMedia('unreadable-media', 'empty');
  for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
    const end = Math.min(start + PIECE_BYTES, sizeBytes);
    for await (const piece of source.readRange({ start, end })) {
      if (start === 0) refuseUnusable(Buffer.from(piece).toString('latin1'));
      yield piece;
      signal.throwIfAborted();
    }
    onProgress({ doneSeconds: end / BYTES_PER_SECOND, fraction: end / sizeBytes });
  }
}

function refuseUnusable(beginning: string): void {
  if (beginning.startsWith(NO_AUDIO)) throw new UnusableMedia('no-audio', 'no audio');
  if (beginning.startsWith(NOT_MEDIA)) throw new UnusableMedia('unreadable-media', 'not media');
}
