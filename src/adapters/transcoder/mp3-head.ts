import { Buffer } from 'node:buffer';
import type { FileHead } from '../../ports/file-store.ts';
import { crc16 } from './crc16.ts';
import { createId3Tag, id3TagSize, type TagContent } from './id3-tag.ts';
import { type Mp3FrameHeader, watchFrames } from './mp3-frames.ts';
import { type Mp3Info, mp3InfoFrame, type SilentGap } from './mp3-info-frame.ts';
import { createSeekTable } from './mp3-seek-table.ts';

/** Room for the largest frame there is (1,440 bytes), and for a tag to take up what is left of it. */
const ROOM_BYTES = 2_048;
/** Samples of silence before the sound: LAME's own, as its tag counts them … */
const ENCODER_DELAY = 576;
/** … and what every decoder adds. ffmpeg calls the sum of 1,105 `initial_padding`. */
export const DECODER_DELAY = 529;
/** The tag has twelve bits for it. */
const MAX_PADDING = 0xfff;

/** How the length of the sound is known. */
type SoundLength =
  /** What our encoder was given, per channel; without it the length is right to one frame. */
  | { readonly encodedSamples: number | undefined }
  /** What another encoder has written down; without a gap, all that the frames hold is sound. */
  | {
      readonly copied: {
        readonly gap?: SilentGap | undefined;
        readonly quality?: number | undefined;
      };
    };

export interface Mp3Head extends FileHead {
  /** Counts the next piece of the MP3 that follows the head. */
  add(piece: Uint8Array): void;
  /** The MP3 is whole. Returns the length of the sound, without the silence around it. */
  end(sound: SoundLength): { readonly durationSeconds: number };
  readonly frames: number;
}

/**
 * Counts an MP3 while it passes, and builds the head by which players know its length, seek in it
 * and cut the encoder's silence. It is a tag that fills the room, and the frame that describes the
 * rest: how large that is depends on the MP3, so the tag takes up what is left of a fixed size.
 *
 * @param vbrQuality LAME's, 0 to 9, of an MP3 that is encoded with a variable bitrate
 */
export function createMp3Head(tag: TagContent, vbrQuality?: number): Mp3Head {
  const headBytes = id3TagSize(tag) + ROOM_BYTES;
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
    sizeBytes: headBytes,
    get frames() {
      return frames;
    },
    add(piece) {
      watch(piece);
      sizeBytes += piece.length;
      crc = crc16(crc, piece);
    },
    end(sound) {
      if (first === undefined) throw new Error('the MP3 has no frame');
      const samples = frames * first.header.samples;
      const { gap, quality = 0 } =
        'copied' in sound ? sound.copied : encodedBy(samples, sound.encodedSamples, vbrQuality);
      info = {
        ...{ firstHeader: first.bytes, frames, sizeBytes, crc, isConstantBitrate, gap, quality },
        seekEntries: seekTable.entries,
      };
      const silentSamples = gap ? gap.delaySamples + gap.paddingSamples : 0;
      return { durationSeconds: Math.max(0, samples - silentSamples) / first.header.sampleRateHz };
    },
    complete() {
      if (info === undefined) throw new Error('the MP3 has not ended');
      const frame = mp3InfoFrame(info);
      return Buffer.concat([createId3Tag(tag, headBytes - frame.length), frame]);
    },
  };
}

/** A number of samples that does not fit the frames is not believed. */
function encodedBy(samples: number, encodedSamples?: number, vbrQuality?: number) {
  const afterDelay = Math.max(0, samples - ENCODER_DELAY);
  const padding = afterDelay - (encodedSamples ?? -1);
  const isPossible = padding >= 0 && padding <= Math.min(MAX_PADDING, afterDelay);
  const paddingSamples = isPossible ? padding : Math.min(DECODER_DELAY, afterDelay);
  return {
    gap: { delaySamples: ENCODER_DELAY, paddingSamples },
    // As LAME counts it: https://lame.sourceforge.io, VbrTag.c
    quality: vbrQuality === undefined ? 0 : 98 - 10 * vbrQuality,
  };
}
