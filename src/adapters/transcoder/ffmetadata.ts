import { oneLine } from './one-line.ts';

export interface Chapter {
  readonly startMs: number;
  readonly endMs: number;
  readonly title?: string | undefined;
}

/** What a source says of itself. */
export interface SourceTags {
  /** By ffmpeg's names in lower case: `title`, `artist`, `album`, `date`, … */
  readonly tags: Readonly<Record<string, string>>;
  readonly chapters: readonly Chapter[];
}

interface Section {
  readonly name: string;
  readonly entries: Map<string, string>;
}

// Whoever made the source may have written anything. With these an MP3's tag stays below 250 kB,
// and there is room for a cover beside it (FileHead in ports/file-store.ts).
const MAX_ENTRIES = 100;
const MAX_KEY_CHARACTERS = 100;
const MAX_VALUE_CHARACTERS = 1_000;
const MAX_CHAPTERS = 500;
const MAX_CHAPTER_TITLE_CHARACTERS = 200;

const SECTION = /^\[[A-Z_]+\]$/;
const COMMENT = /^[;#]/;
/** A chapter's times are in nanoseconds when it does not say in what. */
const DEFAULT_TIMEBASE = '1/1000000000';

/**
 * Reads what `ffmpeg -f ffmetadata` writes: https://ffmpeg.org/ffmpeg-formats.html#Metadata-2
 * What makes no sense is left out; nothing makes it throw.
 *
 * @param container ffmpeg's name of it. Ogg keeps the tags of the file in its streams, so the first
 *   stream's stand in for those that the file lacks. Elsewhere they describe a track, and its title
 *   ("Commentary", OBS's "simple_aac") is not the file's. Not given, it is taken for Ogg.
 */
export function parseFfmetadata(text: string, container = 'ogg'): SourceTags {
  const [file, ...sections] = sectionsOf(text);
  const stream = sections.find(({ name }) => container === 'ogg' && name === '[STREAM]');
  return {
    tags: Object.fromEntries([...(stream?.entries ?? []), ...(file?.entries ?? [])]),
    chapters: sections
      .filter(({ name }) => name === '[CHAPTER]')
      .slice(0, MAX_CHAPTERS)
      .flatMap(({ entries }) => chapterOf(entries) ?? []),
  };
}

/** The first has no name: it is about the file. */
function sectionsOf(text: string): Section[] {
  let section: Section = { name: '', entries: new Map() };
  const sections = [section];
  for (const line of linesOf(text)) {
    if (COMMENT.test(line)) continue;
    if (SECTION.test(line)) {
      section = { name: line, entries: new Map() };
      sections.push(section);
    } else {
      addEntry(section.entries, line);
    }
  }
  return sections;
}

/** Splits at the ends of lines that are not escaped. */
function* linesOf(text: string): Generator<string> {
  let begun = '';
  for (const piece of text.split('\n')) {
    if (endsWithEscape(piece)) {
      begun += `${piece}\n`;
    } else {
      yield begun + piece;
      begun = '';
    }
  }
}

/** Counted from the end, and not searched for: a value may be a megabyte of backslashes. */
function endsWithEscape(piece: string): boolean {
  let backslashes = 0;
  while (piece[piece.length - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

/** The first of a name counts: ffmpeg writes a chapter's times before the tags that it has. */
function addEntry(entries: Map<string, string>, line: string): void {
  const equalsAt = separatorAt(line);
  if (equalsAt === undefined || entries.size === MAX_ENTRIES) return;
  const key = oneLine(unescaped(line.slice(0, equalsAt)).toLowerCase(), MAX_KEY_CHARACTERS);
  const value = oneLine(unescaped(line.slice(equalsAt + 1)), MAX_VALUE_CHARACTERS);
  if (key !== '' && value !== '' && !entries.has(key)) entries.set(key, value);
}

function separatorAt(line: string): number | undefined {
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '=') return at;
    if (line[at] === '\\') at += 1;
  }
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

function chapterOf(entries: Map<string, string>): Chapter | undefined {
  const [numerator, denominator] = (entries.get('timebase') ?? DEFAULT_TIMEBASE).split('/');
  const unitMs = (1_000 * Number(numerator)) / Number(denominator);
  const startMs = Math.max(0, Math.round(Number(entries.get('start')) * unitMs));
  const endMs = Math.round(Number(entries.get('end')) * unitMs);
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || endMs < startMs) return undefined;
  const title = oneLine(entries.get('title') ?? '', MAX_CHAPTER_TITLE_CHARACTERS);
  return { startMs, endMs, title: title || undefined };
}
