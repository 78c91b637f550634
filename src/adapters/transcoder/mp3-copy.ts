import type { MediaSource } from '../../ports/transcoder.ts';
import type { SourceLook } from './look-at-source.ts';
import { FRAME_HEADER_BYTES, readFrameHeader } from './mp3-frames.ts';
import { DECODER_DELAY } from './mp3-head.ts';
import { readInfoFrame, type SilentGap } from './mp3-info-frame.ts';

/** Bits of a header that are the same in all frames of a stream: version, layer, sample rate. */
const isLike = (a: Uint8Array, b: Uint8Array): boolean =>
  ((a[1] ?? 0) & 0xfe) === ((b[1] ?? 0) & 0xfe) && ((a[2] ?? 0) & 0x0c) === ((b[2] ?? 0) & 0x0c);

/**
 * Hands on the frames of an MP3 and nothing else: what others have left between them and behind them
 * (tags of old, padding, half a frame at a cut) does not belong into a new file.
 */
export async function* wholeFrames(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first: Uint8Array | undefined;
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = Buffer.concat([rest, piece]);
    const whole: Uint8Array[] = [];
    let at = 0;
    while (at + FRAME_HEADER_BYTES <= bytes.length) {
      const header = readFrameHeader(bytes.subarray(at, at + FRAME_HEADER_BYTES));
      if (header === undefined || (first && !isLike(first, bytes.subarray(at)))) {
        at += 1;
        continue;
      }
      if (at + header.sizeBytes > bytes.length) break;
      first ??= Uint8Array.from(bytes.subarray(at, at + FRAME_HEADER_BYTES));
      whole.push(bytes.subarray(at, at + header.sizeBytes));
      at += header.sizeBytes;
    }
    rest = Buffer.from(bytes.subarray(at));
    if (whole.length > 0) yield Buffer.concat(whole);
  }
}

const ID3_HEADER_BYTES = 10;
/** Where the first frame has to begin, behind the tag. */
const SEARCHED_BYTES = 4_096;

/** What a source that is MP3 says of its own MP3. */
export interface CopiedMp3 {
  readonly gap?: SilentGap | undefined;
  readonly quality?: number | undefined;
}

/**
 * The silence that the encoder put around the sound: from the source's own description of itself, or
 * from the edit list of an MP4. Other containers do not say it.
 *
 * @param frames how many were copied; a source that was cut has fewer than it says, and no padding
 */
export async function describeCopy(
  source: MediaSource,
  { facts, firstPacketEndSeconds }: SourceLook,
  frames: number,
): Promise<CopiedMp3> {
  const { container = '', sampleRateHz = 0 } = facts;
  if (container.startsWith('mov'))
    return { gap: gapOfEditList(firstPacketEndSeconds, sampleRateHz) };
  if (container !== 'mp3') return {};
  const described = readInfoFrame(await firstFrame(source));
  const { gap, quality } = described ?? {};
  const isWhole = described?.frames === frames;
  return {
    quality,
    gap: gap && { ...gap, paddingSamples: isWhole ? gap.paddingSamples : DECODER_DELAY },
  };
}

/**
 * An edit list leaves out the encoder's delay, so that the first packet begins before zero, and ends
 * by as much before its frame would.
 */
function gapOfEditList(
  endSeconds: number | undefined,
  sampleRateHz: number,
): SilentGap | undefined {
  if (endSeconds === undefined || sampleRateHz === 0) return undefined;
  const frameSamples = sampleRateHz < 32_000 ? 576 : 1_152;
  const skipped = frameSamples - (Math.round(endSeconds * sampleRateHz) % frameSamples);
  if (skipped <= DECODER_DELAY || skipped === frameSamples) return undefined;
  return { delaySamples: skipped - DECODER_DELAY, paddingSamples: DECODER_DELAY };
}

/** The bytes from the first frame on, behind an ID3 tag and what else is before it. */
async function firstFrame(source: MediaSource): Promise<Buffer> {
  const bytes = await read(source, await endOfId3Tag(source), SEARCHED_BYTES);
  let at = 0;
  while (at < bytes.length && readFrameHeader(bytes.subarray(at)) === undefined) at += 1;
  return bytes.subarray(at);
}

/** Its size has seven bits in each of four bytes (ID3v2.3, section 3.1). */
async function endOfId3Tag(source: MediaSource): Promise<number> {
  const header = await read(source, 0, ID3_HEADER_BYTES);
  if (header.toString('latin1', 0, 3) !== 'ID3') return 0;
  const size = header.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  return ID3_HEADER_BYTES + size;
}

async function read(source: MediaSource, start: number, length: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const end = Math.min(start + length, source.sizeBytes);
  if (start < end) for await (const piece of source.readRange({ start, end })) pieces.push(piece);
  return Buffer.concat(pieces);
}
