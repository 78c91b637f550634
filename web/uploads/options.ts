/** How the next videos are to be converted: what was typed, as it was typed. */
export interface ChosenOptions {
  readonly quality: Quality;
  /** kbit/s; of `fixed` only. */
  readonly bitrate: string;
  readonly start: string;
  readonly end: string;
  readonly normalize: boolean;
  readonly mono: boolean;
  readonly cover: boolean;
  readonly title: string;
  readonly artist: string;
  readonly album: string;
}

export const QUALITIES = ['standard', 'high', 'voice', 'fixed'] as const;
type Quality = (typeof QUALITIES)[number];

export const BITRATES = ['64', '96', '128', '160', '192', '256', '320'] as const;

export const NO_OPTIONS: ChosenOptions = {
  quality: 'standard',
  bitrate: '192',
  start: '',
  end: '',
  normalize: false,
  mono: false,
  cover: false,
  title: '',
  artist: '',
  album: '',
};

/** What is about one video is not for the next one; how one likes it is. */
export function forNextDrop(options: ChosenOptions): ChosenOptions {
  const { quality, bitrate, normalize, mono, cover } = options;
  return { ...NO_OPTIONS, quality, bitrate, normalize, mono, cover };
}

/** Something that was typed and cannot be. */
export type OptionFault = 'start-unreadable' | 'end-unreadable' | 'end-before-start';

export function optionFault({ start, end }: ChosenOptions): OptionFault | undefined {
  const [from, to] = [parseClock(start), parseClock(end)];
  if (Number.isNaN(from)) return 'start-unreadable';
  if (Number.isNaN(to)) return 'end-unreadable';
  if (to !== undefined && to <= (from ?? 0)) return 'end-before-start';
  return undefined;
}

/**
 * `90`, `1:30`, `1:02:03.5` → seconds.
 *
 * @returns `undefined` for nothing, `NaN` for what is no time
 */
export function parseClock(text: string): number | undefined {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return undefined;
  if (!/^(\d+:){0,2}\d+(\.\d+)?$/.test(trimmed)) return Number.NaN;
  const [first = Number.NaN, ...smaller] = trimmed.split(':').map(Number);
  if (smaller.some((part) => part >= 60)) return Number.NaN;
  return smaller.reduce((seconds, part) => seconds * 60 + part, first);
}

/** As the API takes them: texts, and only those that say something (docs/uploading.md). */
export function toMetadata(options: ChosenOptions): Record<string, string> {
  const { quality, bitrate, start, end } = options;
  const [from, to] = [parseClock(start), parseClock(end)];
  const flags = ['normalize', 'mono', 'cover'] as const;
  const texts = ['title', 'artist', 'album'] as const;
  return Object.fromEntries([
    ...(quality === 'fixed' ? [['bitrate', bitrate]] : []),
    ...(quality === 'high' || quality === 'voice' ? [['quality', quality]] : []),
    ...(from ? [['start', String(from)]] : []),
    ...(to === undefined ? [] : [['end', String(to)]]),
    ...flags.filter((flag) => options[flag]).map((flag) => [flag, 'true']),
    ...texts.flatMap((name) => (options[name].trim() ? [[name, options[name].trim()]] : [])),
  ]);
}
