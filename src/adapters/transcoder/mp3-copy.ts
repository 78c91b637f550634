import type { SourceFacts } from '../../domain/media.ts';
import type { MediaSource } from '../../ports/transcoder.ts';
import { FRAME_HEADER_BYTES, readFrameHeader } from './mp3-frames.ts';
import type { SilentGap } from './mp3-head.ts';
import { lameFieldsAt } from './mp3-info-frame.ts';

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

/**
 * The silence that the encoder put around the sound, from the source's own LAME tag; `undefined` when
 * it has none, or is another container, whose silence nobody knows.
 */
export async function gapOfCopy(
  source: MediaSource,
  { container }: SourceFacts,
): Promise<SilentGap | undefined> {
  if (container !== 'mp3') return undefined;
  const start = await endOfId3Tag(source);
  const bytes = await read(source, start, SEARCHED_BYTES);
  for (let at = 0; at + FRAME_HEADER_BYTES <= bytes.length; at += 1) {
    const header = readFrameHeader(bytes.subarray(at, at + FRAME_HEADER_BYTES));
    if (header === undefined) continue;
    const fields = bytes.subarray(at + lameFieldsAt(header));
    // Of others the same place may hold anything.
    if (!/^(LAME|Lavc|Lavf)/.test(fields.toString('latin1', 0, 4))) return undefined;
    const gap = fields.readUIntBE(21, 3);
    return { delaySamples: gap >>> 12, paddingSamples: gap & 0xfff };
  }
  return undefined;
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
