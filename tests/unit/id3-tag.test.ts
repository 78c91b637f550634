import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBuffer } from 'music-metadata';
import { describe, expect, it } from 'vitest';
import type { Cover } from '../../src/adapters/transcoder/cover-art.ts';
import { parseFfmetadata } from '../../src/adapters/transcoder/ffmetadata.ts';
import {
  createId3Tag,
  id3TagSize,
  type TagContent,
} from '../../src/adapters/transcoder/id3-tag.ts';
import { decodedSound, ffmpeg, sample } from '../support/media.ts';
import { tempDir } from '../support/temp-dir.ts';

const folder = await tempDir('id3-tag');
const inFolder = (name: string) => join(folder, name);

/** An MP3 of five seconds that has no tag. */
const untagged = inFolder('untagged.mp3');
await ffmpeg(['-i', await sample('wav'), '-id3v2_version', '0', untagged]);
const sound = await readFile(untagged);

const tagOf = (content: Partial<TagContent>, sizeBytes?: number) =>
  createId3Tag({ chapters: [], ...content }, sizeBytes);

async function writeTagged(tag: Uint8Array): Promise<string> {
  const path = inFolder('tagged.mp3');
  await writeFile(path, Buffer.concat([tag, sound]));
  return path;
}

/** What ffmpeg finds in an MP3 with this tag; it may not complain. */
async function readByFfmpeg(tag: Uint8Array) {
  const told = inFolder('told.txt');
  // Without -copyts, chapters are counted from the first sample that is heard.
  const read = ['-v', 'warning', '-copyts', '-i', await writeTagged(tag)];
  const complaints = await ffmpeg([...read, '-map', '0:a', '-c', 'copy', '-f', 'ffmetadata', told]);
  expect(complaints).toBe('');
  return parseFfmetadata(await readFile(told, 'utf8'), 'mp3');
}

/** What music-metadata finds in it; it may not complain either. */
async function readByMusicMetadata(tag: Uint8Array) {
  const mp3 = Buffer.concat([tag, sound]);
  const found = await parseBuffer(mp3, 'audio/mpeg', { includeChapters: true });
  expect(found.quality.warnings).toEqual([]);
  const native = found.native['ID3v2.3'] ?? [];
  return { ...found, frames: Object.fromEntries(native.map(({ id, value }) => [id, value])) };
}

function chapters(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    startMs: index * 20,
    endMs: (index + 1) * 20,
    title: `Глава ${index}`,
  }));
}

async function cover(mime: Cover['mime'], name: string, size = '200x200'): Promise<Cover> {
  const noise = `nullsrc=size=${size},geq='random(1)*255':128:128`;
  await ffmpeg(['-f', 'lavfi', '-i', noise, '-frames:v', '1', inFolder(name)]);
  return { mime, bytes: await readFile(inFolder(name)) };
}

describe('the text of an ID3 tag', () => {
  it.each([
    ['ASCII', 'A talk = 1; #2 \\ 3'],
    ['ISO-8859-1', 'Crème brûlée ÿ'],
    ['Cyrillic', 'Привет, мир'],
    ['emoji', '👩‍💻🎧'],
    ['right to left', 'שלום עולם‏ مرحبا'],
    ['one character of another script', 'Café 音'],
    ['long ISO-8859-1', 'é'.repeat(1_000)],
    ['long UTF-16', 'Ж'.repeat(1_000)],
  ])('is read as it was given: %s', async (_, text) => {
    const tag = tagOf({ title: text, artist: text, album: text });
    const { tags } = await readByFfmpeg(tag);
    expect(tags).toMatchObject({ title: text, artist: text, album: text });
    const { common } = await readByMusicMetadata(tag);
    expect(common).toMatchObject({ title: text, artist: text, album: text });
  });

  it('takes one byte for a character where ISO-8859-1 has it, and else UTF-16', () => {
    const bytesOf = (title: string) => tagOf({ title }).length - tagOf({}).length;
    expect(bytesOf('é'.repeat(200))).toBe(10 + 1 + 200);
    expect(bytesOf('Ж'.repeat(200))).toBe(10 + 1 + 2 + 400);
  });

  it('is on one line, without characters that would end it, and well-formed', async () => {
    const tag = tagOf({ title: 'one\r\ntwo\0three \ud83c!', artist: ' \n ', album: '' });
    const { tags } = await readByFfmpeg(tag);
    expect(tags).toMatchObject({ title: 'one two three \ufffd!' });
    const { common } = await readByMusicMetadata(tag);
    expect(common.title).toBe('one two three \ufffd!');
    expect([common.artist, common.album]).toEqual([undefined, undefined]);
  });

  it('may be missing: then the tag names the program', async () => {
    expect(Object.keys((await readByFfmpeg(tagOf({}))).tags)).toEqual(['encoder']);
    const { frames } = await readByMusicMetadata(tagOf({}));
    expect(frames).toEqual({ TSSE: 'Soundlift' });
  });
});

describe('the date of an ID3 tag', () => {
  it.each([
    ['2024', '2024', undefined],
    ['2024-05-04', '2024', '0405'],
    ['20240504', '2024', '0405'],
    [' 2024-12-31T23:59:59.5+02:00', '2024', '3112'],
    ['2024-05', '2024', undefined],
    ['2024-13-04', '2024', undefined],
    ['2024-00-04', '2024', undefined],
    ['2024-05-32', '2024', undefined],
  ])('is year and day: %s', async (date, year, day) => {
    const { frames } = await readByMusicMetadata(tagOf({ date }));
    expect(frames).toEqual({ TSSE: 'Soundlift', TYER: year, ...(day ? { TDAT: day } : {}) });
  });

  it('is one date to readers', async () => {
    const { tags } = await readByFfmpeg(tagOf({ date: '2024-05-04T10:00:00Z' }));
    expect(tags['date']).toBe('2024-05-04');
  });

  it.each(['', '4 May 2024', '04.05.2024', '202', '20245', 'now'])(
    'is not made of: %s',
    async (date) => {
      const { frames } = await readByMusicMetadata(tagOf({ date }));
      expect(frames).toEqual({ TSSE: 'Soundlift' });
    },
  );
});

describe('the chapters of an ID3 tag', () => {
  it.each([1, 3, 200])('are read as they were given: %i', async (count) => {
    const tag = tagOf({ title: 'A talk', chapters: chapters(count) });
    const found = await readByFfmpeg(tag);
    expect(found.tags['title']).toBe('A talk');
    expect(found.chapters).toEqual(chapters(count));
    const { format } = await readByMusicMetadata(tag);
    expect(format.chapters?.map(({ title, start }) => [title, Math.round(start * 1_000)])).toEqual(
      chapters(count).map(({ title, startMs }) => [title, startMs]),
    );
  });

  it('are listed in a table, as far as it can count', async () => {
    const tag = tagOf({ title: 'A talk', chapters: chapters(500) });
    const { frames, format } = await readByMusicMetadata(tag);
    expect(frames['CTOC']).toMatchObject({
      label: 'toc',
      flags: { topLevel: true, ordered: true },
      childElementIds: chapters(255).map((_, index) => `ch${index}`),
    });
    expect(format.chapters).toHaveLength(255);
    expect((await readByFfmpeg(tag)).chapters).toEqual(chapters(500));
  });

  it('are numbered where they have no title', async () => {
    const untitled = [
      { startMs: 0, endMs: 10, title: 'Begin' },
      { startMs: 10, endMs: 20 },
      { startMs: 20, endMs: 30, title: '\n' },
    ];
    const tag = tagOf({ chapters: untitled });
    const titles = ['Begin', 'Chapter 2', 'Chapter 3'];
    expect((await readByFfmpeg(tag)).chapters.map(({ title }) => title)).toEqual(titles);
    const { format } = await readByMusicMetadata(tag);
    expect(format.chapters?.map(({ title }) => title)).toEqual(titles);
  });

  it.each([
    [1.4, 2.6, 1, 3],
    [-1, 1e12, 0, 0xffff_ffff],
  ])('are in whole milliseconds of 32 bits: %d to %d', async (startMs, endMs, start, end) => {
    const { frames } = await readByMusicMetadata(tagOf({ chapters: [{ startMs, endMs }] }));
    expect(frames['CHAP']).toMatchObject({
      // All bits set, which means that the times count: music-metadata gives it as `undefined`.
      info: { startTime: start, endTime: end, startOffset: undefined, endOffset: undefined },
    });
  });
});

describe('the cover of an ID3 tag', () => {
  it.each([
    ['image/jpeg', 'cover.jpg', '200x200'],
    ['image/png', 'cover.png', '200x200'],
    ['image/jpeg', 'large.jpg', '1400x1400'],
  ] as const)('is read as it was given: %s from %s', async (mime, name, size) => {
    const picture = await cover(mime, name, size);
    const tag = tagOf({ title: 'A talk', cover: picture });
    const { common } = await readByMusicMetadata(tag);
    expect(common.picture).toHaveLength(1);
    expect(common.picture?.[0]).toMatchObject({ format: mime, type: 'Cover (front)' });
    expect(Buffer.from(common.picture?.[0]?.data ?? []).equals(picture.bytes)).toBe(true);

    expect((await readByFfmpeg(tag)).tags['title']).toBe('A talk');
    const read = ['-i', inFolder('tagged.mp3'), '-map', '0:v', '-c', 'copy'];
    await ffmpeg([...read, '-f', 'image2pipe', inFolder('read')]);
    expect((await readFile(inFolder('read'))).equals(picture.bytes)).toBe(true);
  });
});

describe('an ID3 tag', () => {
  it('begins with a header of version 2.3, without flags, and its size in sevens of bits', () => {
    const header = tagOf({ title: 'x'.repeat(300) }).subarray(0, 10);
    // 10 for each frame's header, 1 for its encoding: 311 and 20 bytes are 2 · 128 + 75.
    expect([...header]).toEqual([...Buffer.from('ID3'), 3, 0, 0, 0, 0, 2, 75]);
  });

  it('is as large as it was said to be', async () => {
    const picture = await cover('image/png', 'sized.png');
    const content = { title: 'Привет', date: '2024', chapters: chapters(300), cover: picture };
    expect(createId3Tag(content)).toHaveLength(id3TagSize(content));
  });

  it('is filled up with zeros, to the byte', async () => {
    const content = { title: 'Привет', chapters: chapters(3) };
    const sizeBytes = id3TagSize(content);
    for (const more of [0, 1, 9, 10, 11, 5_000]) {
      const tag = createId3Tag(content, sizeBytes + more);
      expect(tag).toHaveLength(sizeBytes + more);
      expect(tag.subarray(sizeBytes).every((byte) => byte === 0)).toBe(true);
      expect(tag.subarray(10, sizeBytes)).toEqual(createId3Tag(content).subarray(10));
      expect((await readByFfmpeg(tag)).tags['title']).toBe('Привет');
    }
  });

  it('does not go into less room than it needs', () => {
    const content = { title: 'Привет', chapters: [] };
    expect(() => createId3Tag(content, id3TagSize(content) - 1)).toThrow('has no room');
  });

  it('leaves the sound as it is', async () => {
    const picture = await cover('image/jpeg', 'before-sound.jpg');
    const tag = tagOf({ title: 'Привет', chapters: chapters(3), cover: picture }, 100_000);
    expect(await decodedSound(await writeTagged(tag))).toEqual(await decodedSound(untagged));
  });

  it('has room in the head of an MP3, whatever a source says, beside a cover of 512 KiB', () => {
    const line = (name: string) => `${name}=${'Ж'.repeat(2_000)}`;
    const chapter = `[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1\n${line('title')}\n`;
    const text = [line('title'), line('artist'), line('album'), 'date=2024-05-04', ''].join('\n');
    const { tags, chapters: found } = parseFfmetadata(text + chapter.repeat(600));
    const { title, artist, album, date } = tags;
    const picture = { mime: 'image/jpeg', bytes: new Uint8Array(512 * 1_024) } as const;
    const content = { title, artist, album, date, chapters: found, cover: picture };
    // See FileHead in src/ports/file-store.ts; 2 KiB are for the frame after the tag.
    expect(id3TagSize(content)).toBeLessThanOrEqual((768 - 2) * 1_024);
  });
});
