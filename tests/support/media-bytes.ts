/* Containers by the byte, for files that no encoder writes. */

type Content = readonly (Uint8Array | string)[];

const u32le = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
export const u32be = (...values: number[]): Buffer => u32le(...values).swap32();
const u16le = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
export const u16be = (...values: number[]): Buffer => u16le(...values).swap16();

const joined = (parts: Content): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));

/** A box of an ISO base media file: ISO/IEC 14496-12, section 4.2. */
export function box(type: string, ...content: Content): Buffer {
  const body = joined(content);
  return joined([u32be(body.length + 8), type, body]);
}

/** A box that begins with a version and flags. */
export function fullBox(type: string, version: number, ...content: Content): Buffer {
  return box(type, Uint8Array.of(version, 0, 0, 0), ...content);
}

/** A chunk of an AVI or WAV: Multimedia Programming Interface 1.0 (IBM, Microsoft 1991), RIFF. */
function chunk(type: string, ...content: Content): Buffer {
  const body = joined(content);
  return joined([type, u32le(body.length), body, Buffer.alloc(body.length % 2)]);
}

/** An ID3v2.3 tag with one frame of text. */
export function id3Tag(frame: string, text: string): Buffer {
  const body = joined([Uint8Array.of(0), text]);
  const content = joined([frame, u32be(body.length), u16be(0), body]);
  // Seven bits in each of four bytes (section 3.1).
  const size = [21, 14, 7, 0].map((bits) => (content.length >>> bits) & 0x7f);
  return joined(['ID3', Uint8Array.of(3, 0, 0, ...size), content]);
}

/** Of the sound in these files: 16 bits, little endian, mono. */
export const RATE_HZ = 44_100;
const NO_TURN = u32be(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);
const THIS_FILE = fullBox('url ', 0).fill(1, 11);

export interface MovSound {
  /** Where each second of sound begins. */
  readonly secondsAt: readonly number[];
  /** What it is in: an entry of `dref` (section 8.7.2). */
  readonly place?: Buffer | undefined;
  /** ffmpeg's name for how it says that its samples are coded. */
  readonly coding?: string | undefined;
  /** How many samples it says it has. */
  readonly samples?: number | undefined;
  /** How long it says that each one lasts, in ticks of which a second has `RATE_HZ`. */
  readonly ticksPerSample?: number | undefined;
  /** What of it is to be played, and when (section 8.6.5). */
  readonly edits?: Buffer | undefined;
}

/** The index of a QuickTime file with one sound track. */
export function movIndex(sound: MovSound): Buffer {
  const { ticksPerSample = 1, samples = sound.secondsAt.length * RATE_HZ } = sound;
  const ticks = Math.min(samples * ticksPerSample, 0xffff_ffff);
  const head = fullBox('tkhd', 0, u32be(0, 0, 1, 0, ticks), Buffer.alloc(16), NO_TURN, u32be(0, 0));
  const media = box(
    'mdia',
    fullBox('mdhd', 0, u32be(0, 0, RATE_HZ, ticks, 0)),
    fullBox('hdlr', 0, 'mhlr', 'soun', Buffer.alloc(13)),
    box(
      'minf',
      fullBox('smhd', 0, u32be(0)),
      box('dinf', fullBox('dref', 0, u32be(1), sound.place ?? THIS_FILE)),
      sampleTable(sound, samples, ticksPerSample),
    ),
  );
  const rest = [Buffer.alloc(10), NO_TURN, Buffer.alloc(24), u32be(2)];
  return box(
    'moov',
    fullBox('mvhd', 0, u32be(0, 0, RATE_HZ, ticks, 0x1_0000), u16be(0x100), ...rest),
    box('trak', head, sound.edits ?? '', media),
  );
}

function sampleTable(sound: MovSound, samples: number, ticksPerSample: number): Buffer {
  const format = [u32be(0, 0), u16be(1, 16, 0, 0), u32be(RATE_HZ * 0x1_0000)];
  const places = sound.secondsAt.map((at) => u32be(at));
  const description = box(sound.coding ?? 'sowt', Buffer.alloc(6), u16be(1), ...format);
  return box(
    'stbl',
    fullBox('stsd', 0, u32be(1), description),
    fullBox('stts', 0, u32be(1, samples, ticksPerSample)),
    fullBox('stsc', 0, u32be(1, 1, RATE_HZ, 1)),
    fullBox('stsz', 0, u32be(2, samples)),
    fullBox('stco', 0, u32be(places.length), Buffer.concat(places)),
  );
}

/** Two seconds of sound, and a subtitle that is a file of its own. */
export function aviWithSubtitles(second: Buffer, subtitles: string): Buffer {
  const streamHead = (type: string, scale: number, rate: number, sampleBytes: number) =>
    chunk('strh', type, u32le(0, 0, 0, 0, scale, rate, 0, 2 * RATE_HZ, 0, 0, sampleBytes, 0, 0));
  const format = chunk('strf', u16le(1, 1), u32le(RATE_HZ, 2 * RATE_HZ), u16le(2, 16));
  const lists = [
    chunk('avih', u32le(40_000, 0, 0, 0, 50, 0, 2, 0, 320, 240, 0, 0, 0, 0)),
    chunk('LIST', 'strl', streamHead('auds', 2, 2 * RATE_HZ, 2), format),
    chunk('LIST', 'strl', streamHead('txts', 1, 1, 0), chunk('strf')),
  ];
  // As `read_gab2_sub` of libavformat/avidec.c reads it: a name in UTF-16, flags, the file.
  const name = [u16le(2), u32le(2), u16le(0), u16le(4)];
  const file = chunk('01tx', 'GAB2\0', ...name, u32le(subtitles.length), subtitles);
  const content = chunk('LIST', 'movi', file, chunk('00wb', second), chunk('00wb', second));
  return chunk('RIFF', 'AVI ', chunk('LIST', 'hdrl', ...lists), content);
}
