import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseFfmetadata } from '../../src/adapters/transcoder/ffmetadata.ts';
import { ffmpeg, sample } from '../support/media.ts';
import { tempDir } from '../support/temp-dir.ts';

const folder = await tempDir('ffmetadata');

const parse = (...lines: string[]) => parseFfmetadata(lines.join('\n'));
const chapter = (...lines: string[]) => ['[CHAPTER]', 'TIMEBASE=1/1000', ...lines];
const escaped = (text: string) => text.replace(/[=;#\\\n]/g, '\\$&');

/** What ffmpeg tells of a file to which it gave a title and two chapters. */
async function toldBy(container: string, codec: string, title: string): Promise<string> {
  const inFolder = (name: string) => join(folder, `${container}.${name}`);
  const [given, made, told] = [inFolder('given'), inFolder('made'), inFolder('told')];
  const file = [';FFMETADATA1', `title=${escaped(title)}`, 'artist=Ada', 'date=2024-05-04'];
  const first = chapter('START=0', 'END=2000', `title=${escaped(title)}`);
  const second = chapter('START=2000', 'END=5000', 'title=Two');
  await writeFile(given, [...file, ...first, ...second, ''].join('\n'));
  const input = ['-i', await sample('wav'), '-f', 'ffmetadata', '-i', given];
  await ffmpeg([...input, '-map_metadata', '1', '-c:a', codec, '-f', container, made]);
  const track = ['-map', '0:a:0', '-c', 'copy', '-frames:a', '1'];
  await ffmpeg(['-i', made, ...track, '-f', 'ffmetadata', told]);
  return await readFile(told, 'utf8');
}

describe('ffmetadata', () => {
  it('holds tags, whose names are read in lower case', () => {
    const { tags, chapters } = parse(';FFMETADATA1', 'title=A talk', 'ARTIST=Ada', 'Date=2024', '');
    expect(tags).toEqual({ title: 'A talk', artist: 'Ada', date: '2024' });
    expect(chapters).toEqual([]);
  });

  it('escapes what has a meaning', () => {
    const { tags } = parse('ti\\=tle=a\\=b\\;c\\#d\\\\e=f', ';title=a comment', '#title=another');
    expect(tags).toEqual({ 'ti=tle': 'a=b;c#d\\e=f' });
  });

  it('continues a value over an escaped end of a line, whatever the next one looks like', () => {
    const { tags, chapters } = parse(
      'comment=one\\',
      '[CHAPTER]\\',
      'artist\\=no',
      'title=yes\\\\',
    );
    expect(tags).toEqual({ comment: 'one [CHAPTER] artist=no', title: 'yes\\' });
    expect(chapters).toEqual([]);
  });

  it('holds chapters, with times in units of their own', () => {
    const { chapters } = parse(
      ...chapter('START=0', 'END=1500', 'title=Begin'),
      ...['[CHAPTER]', 'TIMEBASE=1/44100', 'START=66150', 'END=132300'],
      ...['[CHAPTER]', 'START=3000000000', 'END=4000400000', 'title=End'],
    );
    expect(chapters).toEqual([
      { startMs: 0, endMs: 1_500, title: 'Begin' },
      { startMs: 1_500, endMs: 3_000 },
      { startMs: 3_000, endMs: 4_000, title: 'End' },
    ]);
  });

  it.each([
    ['mp4', 'aac'],
    ['matroska', 'aac'],
    ['ogg', 'libopus'],
    ['mp3', 'libmp3lame'],
  ])('is read as ffmpeg tells it of %s', async (container, codec) => {
    const title = 'Nöte=;#\\ Ж 🎧 שלום';
    const { tags, chapters } = parseFfmetadata(await toldBy(container, codec, title), container);
    expect(tags).toMatchObject({ title, artist: 'Ada', date: '2024-05-04' });
    expect(chapters.map((found) => found.title)).toEqual([title, 'Two']);
    // ffmpeg counts from where the sound begins, which is 25 ms into an MP3.
    const [first, second] = chapters;
    expect(first).toMatchObject({ startMs: 0 });
    expect(Math.abs((second?.startMs ?? 0) - 2_000)).toBeLessThanOrEqual(26);
    expect(first?.endMs).toBe(second?.startMs);
  });
});

describe('the tags of a stream', () => {
  const OGG = ['encoder=Lavf', 'artist=', 'album=Ours', '[STREAM]', 'TITLE=Song', 'artist=Ada'];

  it('stand in for those of an Ogg file, which has none', () => {
    const text = [...OGG, 'album=Theirs', '[STREAM]', 'title=Another'].join('\n');
    const tags = { encoder: 'Lavf', title: 'Song', artist: 'Ada', album: 'Ours' };
    expect(parseFfmetadata(text, 'ogg').tags).toEqual(tags);
    expect(parseFfmetadata(text).tags).toEqual(tags);
  });

  it('are a track’s own anywhere else', () => {
    const { tags } = parseFfmetadata(OGG.join('\n'), 'matroska,webm');
    expect(tags).toEqual({ encoder: 'Lavf', album: 'Ours' });
  });
});

describe('hostile ffmetadata', () => {
  it('has no control characters in what is read of it', () => {
    const { tags, chapters } = parse(
      'title= \x1b[31mred\r\\',
      '\x00\x85\u2028second\x7f ',
      'artist=\x07',
      ...chapter('START=0', 'END=1', 'title=one\\', 'line'),
    );
    expect(tags).toEqual({ title: '[31mred second' });
    expect(chapters).toEqual([{ startMs: 0, endMs: 1, title: 'one line' }]);
  });

  it('is cut to what fits into the head of an MP3, between characters', () => {
    const many = Array.from({ length: 600 }, (_, at) => [
      ...chapter(`START=${at}`, `END=${at + 1}`),
      `title=${'x'.repeat(199)}🎧`,
    ]);
    const tags = Array.from({ length: 200 }, (_, at) => `${'k'.repeat(100)}${at}=dropped`);
    const found = parse(`title=${'é'.repeat(1_001)}`, `artist=x${'🎧'.repeat(600)}`, ...tags);
    expect(found.tags['title']).toBe('é'.repeat(1_000));
    expect(found.tags['artist']).toBe(`x${'🎧'.repeat(499)}`);
    expect(Object.keys(found.tags)).toEqual(['title', 'artist', 'k'.repeat(100)]);
    const keys = Array.from({ length: 200 }, (_, at) => `${at}=x`);
    expect(Object.keys(parse(...keys).tags)).toHaveLength(100);
    const { chapters } = parse(...many.flat());
    expect(chapters).toHaveLength(500);
    expect(chapters[499]).toEqual({ startMs: 499, endMs: 500, title: 'x'.repeat(199) });
  });

  it.each([
    ['no times', []],
    ['no end', ['START=1']],
    ['an end before its start', ['START=2', 'END=1']],
    ['an end before the beginning', ['START=-5', 'END=-1']],
    ['a time that is no number', ['START=now', 'END=later']],
    ['an infinite time', ['START=0', 'END=1e999']],
  ])('may have a chapter with %s, which is left out', (_, lines) => {
    expect(parse(...chapter(...lines, 'title=x')).chapters).toEqual([]);
  });

  it.each(['0/1000', '1/0', '-1/1000', '1', 'x/y', '0/0'])('may count time in %s', (timebase) => {
    const found = parse('[CHAPTER]', `TIMEBASE=${timebase}`, 'START=1', 'END=2').chapters;
    for (const { startMs, endMs } of found) expect(endMs).toBeGreaterThanOrEqual(startMs);
    expect(found.filter(({ endMs }) => !Number.isSafeInteger(endMs))).toEqual([]);
  });

  it('begins a chapter not before the file', () => {
    expect(parse(...chapter('START=-25', 'END=10')).chapters).toEqual([{ startMs: 0, endMs: 10 }]);
  });

  it('cannot give a chapter other times by its tags', () => {
    const lines = chapter('START=1', 'END=2', 'START=0', 'end=9', 'title=x');
    expect(parse(...lines).chapters).toEqual([{ startMs: 1, endMs: 2, title: 'x' }]);
  });

  it('cannot begin a chapter by the name of a tag', () => {
    const { tags, chapters } = parse('[CHAPTER]=x', 'START=0', 'END=1');
    expect([tags['[chapter]'], chapters]).toEqual(['x', []]);
  });

  it('may name its tags after what every object has', () => {
    const { tags } = parse('__proto__=x', 'constructor=y');
    expect(Object.entries(tags)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['no tag', 'a line\n=\n=x\n\x01=x\n\\=\n[\n]\n[A_NEW_SECTION]\ntitle=x'],
    ['a last line that is cut off', 'titl\\'],
    ['a megabyte of backslashes', `${'\\'.repeat(1_048_577)}x\\`],
    ['a megabyte of escaped line ends', '\\\n'.repeat(524_288)],
    ['a megabyte of chapters', '[CHAPTER]\n'.repeat(104_858)],
    ['a megabyte of spaces', ' '.repeat(1_048_576)],
  ])('may be %s', (_, text) => {
    expect(parseFfmetadata(text)).toEqual({ tags: {}, chapters: [] });
  });
});
