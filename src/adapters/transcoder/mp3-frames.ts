import { Unavailable } from '../../domain/errors.ts';

/** What the four bytes at the start of an MPEG audio Layer III frame say. */
export interface Mp3FrameHeader {
  readonly isMpeg1: boolean;
  readonly isMono: boolean;
  readonly bitrateKbps: number;
  readonly sampleRateHz: number;
  readonly sizeBytes: number;
  readonly samples: number;
}

export const FRAME_HEADER_BYTES = 4;

// ISO/IEC 11172-3 and 13818-3, section 2.4.2.3; index 0 is "free format", which LAME never writes.
const MPEG1_KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MPEG1_HZ = [44_100, 48_000, 32_000];
/** By the version bits: MPEG-2.5, reserved, MPEG-2, MPEG-1. */
const SAMPLE_RATE_DIVISORS = [4, undefined, 2, 1];
const MONO = 3;

/** Reads a frame header; `undefined` when the four bytes are none. */
export function readFrameHeader(bytes: Uint8Array): Mp3FrameHeader | undefined {
  const [sync = 0, kind = 0, rate = 0, mode = 0] = bytes;
  const isLayer3 = sync === 0xff && (kind & 0xe6) === 0xe2;
  const version = (kind >>> 3) & 3;
  const divisor = SAMPLE_RATE_DIVISORS[version];
  const baseHz = MPEG1_HZ[(rate >>> 2) & 3];
  const isMpeg1 = version === 3;
  const bitrateKbps = (isMpeg1 ? MPEG1_KBPS : MPEG2_KBPS)[rate >>> 4];
  if (!isLayer3 || divisor === undefined || baseHz === undefined || !bitrateKbps) return undefined;
  const sampleRateHz = baseHz / divisor;
  const samples = isMpeg1 ? 1_152 : 576;
  const paddingBytes = (rate >>> 1) & 1;
  return {
    isMpeg1,
    isMono: mode >>> 6 === MONO,
    bitrateKbps,
    sampleRateHz,
    samples,
    sizeBytes: Math.floor(((samples / 8) * bitrateKbps * 1_000) / sampleRateHz) + paddingBytes,
  };
}

/** Finds the frames in an MP3 that comes in pieces, wherever the pieces are cut. */
export function watchFrames(onFrame: (header: Mp3FrameHeader, bytes: Uint8Array) => void) {
  const begun = new Uint8Array(FRAME_HEADER_BYTES);
  let begunBytes = 0;
  let bytesToNext = 0;
  return (piece: Uint8Array): void => {
    let at = 0;
    while (at < piece.length) {
      const skipped = Math.min(bytesToNext, piece.length - at);
      at += skipped;
      bytesToNext -= skipped;
      const found = piece.subarray(at, at + FRAME_HEADER_BYTES - begunBytes);
      begun.set(found, begunBytes);
      begunBytes += found.length;
      at += found.length;
      if (begunBytes < FRAME_HEADER_BYTES) return;
      const header = readFrameHeader(begun);
      if (header === undefined) throw new Unavailable('ffmpeg', { cause: new Error('not MP3') });
      onFrame(header, begun.slice());
      begunBytes = 0;
      bytesToNext = header.sizeBytes - FRAME_HEADER_BYTES;
    }
  };
}
