import { Buffer } from 'node:buffer';
import type { Cover } from './cover-art.ts';
import type { Chapter } from './ffmetadata.ts';
import { oneLine } from './one-line.ts';

/** What an MP3 says of itself. */
export interface TagContent {
  readonly title?: string | undefined;
  readonly artist?: string | undefined;
  readonly album?: string | undefined;
  /** `2024`, `2024-05-04`, `20240504` or an ISO 8601 time; of anything else nothing is kept. */
  readonly date?: string | undefined;
  readonly chapters: readonly Chapter[];
  readonly cover?: Cover | undefined;
}

const TAG_HEADER_BYTES = 10;
const FRAME_HEADER_BYTES = 10;
const LATIN1 = 0;
const UTF16 = 1;
const LITTLE_ENDIAN_MARK = Buffer.from([0xff, 0xfe]);
const FITS_LATIN1 = /^[\u0020-\u00ff]*$/;
const FRONT_COVER = 3;
const TOP_LEVEL = 2;
const ORDERED = 1;
/** A table counts its entries in one byte. */
const MAX_TABLE_ENTRIES = 255;
const MAX_UINT32 = 0xffff_ffff;
/** In place of a byte offset: the time counts instead. */
const NO_OFFSET = MAX_UINT32;

/**
 * An ID3v2.3.0 tag (https://id3.org/id3v2.3.0) with chapters
 * (https://id3.org/id3v2-chapters-1.0), followed by zeros up to `sizeBytes`.
 *
 * It is not unsynchronised (section 5), though bytes in it look like the start of an MP3 frame: byte
 * order marks, offsets of chapters, most JPEGs. Only players that know no ID3v2 take them for one;
 * all others skip the tag by its size. But of those that know it, some do not undo the scheme
 * (mpatric/mp3agic#1), and some count sizes with and others without it (DeaDBeeF #2514).
 *
 * @param sizeBytes at least `id3TagSize(content)`, which it is when not given
 */
export function createId3Tag(content: TagContent, sizeBytes?: number): Uint8Array {
  const frames = framesOf(content);
  const neededBytes = sizeOf(frames);
  const tagBytes = sizeBytes ?? neededBytes;
  if (tagBytes < neededBytes) {
    throw new RangeError(`an ID3 tag of ${neededBytes} bytes has no room in ${tagBytes}`);
  }
  return Buffer.concat([tagHeader(tagBytes), ...frames], tagBytes);
}

/** How large the tag is without zeros after it. */
export function id3TagSize(content: TagContent): number {
  return sizeOf(framesOf(content));
}

function sizeOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((bytes, frame) => bytes + frame.length, TAG_HEADER_BYTES);
}

function tagHeader(tagBytes: number): Uint8Array {
  const header = Buffer.from('ID3\x03\0\0\0\0\0\0', 'latin1');
  // "Synchsafe": seven bits in each byte. Only here: in version 2.3 frames have plain sizes.
  const contentBytes = tagBytes - TAG_HEADER_BYTES;
  [21, 14, 7, 0].forEach((shift, index) => {
    header.writeUInt8((contentBytes >>> shift) & 0x7f, 6 + index);
  });
  return header;
}

/** The large ones last: whoever reads only the beginning finds the title in it. */
function framesOf({ title, artist, album, date, chapters, cover }: TagContent): Uint8Array[] {
  return [
    ...textFrame('TIT2', title),
    ...textFrame('TPE1', artist),
    ...textFrame('TALB', album),
    ...dateFrames(date),
    // A tag has to have a frame (section 3.3), and this one is always true.
    ...textFrame('TSSE', 'Soundlift'),
    ...tableFrames(chapters.length),
    ...chapters.map(chapterFrame),
    ...(cover ? [coverFrame(cover)] : []),
  ];
}

function frame(id: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.concat([Buffer.alloc(FRAME_HEADER_BYTES), ...parts]);
  bytes.write(id, 'latin1');
  bytes.writeUInt32BE(bytes.length - FRAME_HEADER_BYTES, 4);
  return bytes;
}

/** None when there is no text. Lines are not allowed in it, and a NUL would end it. */
function textFrame(id: string, text = ''): Uint8Array[] {
  const line = oneLine(text);
  if (line === '') return [];
  if (FITS_LATIN1.test(line)) return [frame(id, Buffer.from([LATIN1]), latin1(line))];
  return [frame(id, Buffer.from([UTF16]), LITTLE_ENDIAN_MARK, Buffer.from(line, 'utf16le'))];
}

/** Version 2.3 keeps the year apart from the day and the month, in this order. */
function dateFrames(date = ''): Uint8Array[] {
  const parts = /^(\d{4})(?:-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01]))?(?!\d)/.exec(date.trim());
  const [, year, month, day] = parts ?? [];
  return [...textFrame('TYER', year), ...textFrame('TDAT', month && day && `${day}${month}`)];
}

/**
 * Some players show only the chapters that a table lists. One lists 255; tables of tables would list
 * more, but there are readers (music-metadata 12) that look into the first one only and find none.
 */
function tableFrames(chapterCount: number): Uint8Array[] {
  if (chapterCount === 0) return [];
  const entryCount = Math.min(MAX_TABLE_ENTRIES, chapterCount);
  const entries = Array.from({ length: entryCount }, (_, index) => terminated(chapterId(index)));
  const flagsAndCount = Buffer.from([TOP_LEVEL | ORDERED, entryCount]);
  return [frame('CTOC', terminated('toc'), flagsAndCount, ...entries)];
}

/** Always with a title: without one ffmpeg shows the id, and music-metadata no chapter at all. */
function chapterFrame({ startMs, endMs, title = '' }: Chapter, index: number): Uint8Array {
  const numbers = Buffer.alloc(16);
  [startMs, endMs, NO_OFFSET, NO_OFFSET].forEach((value, at) => {
    numbers.writeUInt32BE(Math.min(MAX_UINT32, Math.max(0, Math.round(value))), 4 * at);
  });
  const titles = textFrame('TIT2', oneLine(title) || `Chapter ${index + 1}`);
  return frame('CHAP', terminated(chapterId(index)), numbers, ...titles);
}

function chapterId(index: number): string {
  return `ch${index}`;
}

function coverFrame({ mime, bytes }: Cover): Uint8Array {
  const noDescription = terminated('');
  const kind = Buffer.from([FRONT_COVER]);
  return frame('APIC', Buffer.from([LATIN1]), terminated(mime), kind, noDescription, bytes);
}

function latin1(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function terminated(text: string): Uint8Array {
  return latin1(`${text}\0`);
}
