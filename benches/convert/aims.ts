import type { Measure } from './measure.ts';

/** The names of variants that have aims, and of what they are compared with. */
export const PLAIN = 'plain ffmpeg';
export const ON_DISK = 'function on disk';
export const ON_GRIDFS = 'function on GridFS';
export const DEBIAN = 'Debian’s ffmpeg';

const COPY_TIMES = 0.1;
export const NODE_MB = 160;
export const FFMPEG_MB = 40;

const LIMITS: Readonly<Record<string, { readonly times: number; readonly plusMs: number }>> = {
  [ON_DISK]: { times: 1.05, plusMs: 150 },
  [ON_GRIDFS]: { times: 1.1, plusMs: 300 },
};

export const AIMS = [
  ...Object.entries(LIMITS).map(([name, it]) => `${name} ≤ ${it.times} × plain + ${it.plusMs} ms`),
  `what is only copied ≤ ${COPY_TIMES} × plain`,
  `Node ≤ ${NODE_MB} MB and ffmpeg ≤ ${FFMPEG_MB} MB`,
].join('; ');

/** How long a conversion may take beside plain ffmpeg; `undefined` where nothing was aimed at. */
export function allowedMs(
  variant: string,
  { made }: Pick<Measure, 'made'>,
  plainMs: number,
): number | undefined {
  const limit = LIMITS[variant];
  if (limit === undefined) return undefined;
  return isCopied({ made }) ? COPY_TIMES * plainMs : limit.times * plainMs + limit.plusMs;
}

export function isCopied({ made }: Pick<Measure, 'made'>): boolean {
  return made?.startsWith('copied') ?? false;
}
