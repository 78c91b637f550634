import { Buffer } from 'node:buffer';
import type { FileHead } from '../../ports/file-store.ts';
import { crc16 } from './crc16.ts';
import { type Mp3FrameHeader, watchFrames } from './mp3-frames.ts';
import { id3Tag, type Mp3Info, mp3InfoFrame } from './mp3-info-frame.ts';
import { createSeekTable } from './mp3-seek-table.ts';

/** Room for the largest frame there is (1,440 bytes) and a tag before it. */
const HEAD_BYTES = 2_048;
/** Samples of silence before the sound: LAME's own, as its tag counts them … */
const ENCODER_DELAY = 576;
/** … and what every decoder adds. ffmpeg calls the sum of 1,105 `initial_padding`. */
const DECODER_DELAY = 529;
/** The tag has twelve bits for it. */
const MAX_PADDING = 0xfff;

export interface Mp3Head extends FileHead {
  /** Counts the next piece of the MP3 that follows the head. */
  add(piece: Uint8Array): void;
  /**
   * The MP3 is whole.
   *
   * @param encodedSamples what the encoder was given, per channel; without it the length is right
   *   to one frame
   * @returns the length of the sound, without the silence that the encoder put around it
   */
  end(encodedSamples: number | undefined): { readonly durationSeconds: number };
  readonly frames: number;
}

/**
 * Counts an MP3 while it passes, and builds the head by which players know its length, seek in it
 * and cut the encoder's silence. It is a tag that fills the room, and the frame that describes the
 * rest: how large that is depends on the MP3, so the tag takes up what is left of a fixed size.
 */
export function createMp3Head(): Mp3Head {
  const seekTable = createSeekTable();
  let first: { readonly header: Mp3FrameHeader; readonly bytes: Uint8Array } | undefined;
  let info: Mp3Info | undefined;
  let isConstantBitrate = true;
  let [frames, sizeBytes, crc] = [0, 0, 0];

  const watch = watchFrames((header, bytes) => {
    first ??= { header, bytes };
    isConstantBitrate &&= header.bitrateKbps === first.header.bitrateKbps;
    seekTable.addFrame(header.sizeBytes);
    frames += 1;
  });

  return {
    sizeBytes: HEAD_BYTES,
    get frames() {
      return frames;
    },
    add(piece) {
      watch(piece);
      sizeBytes += piece.length;
      crc = crc16(crc, piece);
    },
    end(encodedSamples) {
      if (first === undefined) throw new Error('the MP3 has no frame');
      const afterDelay = Math.max(0, frames * first.header.samples - ENCODER_DELAY);
      const paddingSamples = paddingOf(afterDelay, encodedSamples);
      info = {
        ...{ firstHeader: first.bytes, frames, sizeBytes, crc, isConstantBitrate },
        ...{ delaySamples: ENCODER_DELAY, paddingSamples, seekEntries: seekTable.entries },
      };
      return { durationSeconds: (afterDelay - paddingSamples) / first.header.sampleRateHz };
    },
    complete() {
      if (info === undefined) throw new Error('the MP3 has not ended');
      const frame = mp3InfoFrame(info);
      return Buffer.concat([id3Tag(HEAD_BYTES - frame.length), frame]);
    },
  };
}

/** The silence after the sound. A number of samples that does not fit the frames is not believed. */
function paddingOf(afterDelay: number, encodedSamples: number | undefined): number {
  const padding = afterDelay - (encodedSamples ?? -1);
  const isPossible = padding >= 0 && padding <= Math.min(MAX_PADDING, afterDelay);
  return isPossible ? padding : Math.min(DECODER_DELAY, afterDelay);
}
