import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ConversionOptions } from '../../src/domain/media.ts';
import { ffmpeg, keptFile } from './media.ts';

/** A source whose MP3 is compared with it, and with what plain ffmpeg makes of it. */
export interface MatrixSample {
  /** Unique: a failure is known by it. */
  readonly name: string;
  readonly recipe: Recipe;
  /** ffmpeg's name of how the sound is coded. */
  readonly codec: string;
  /** What its owner calls it. */
  readonly fileName: string;
  /** In its tags; some containers have no place for one. */
  readonly title?: string | undefined;
  readonly options?: ConversionOptions | undefined;
}

/** How a file comes to be: by ffmpeg, of inputs or another file's streams; cut off; or spoilt. */
type Recipe =
  | { readonly by: readonly string[] }
  | { readonly of: Recipe; readonly seek: readonly string[]; readonly by: readonly string[] }
  | { readonly of: Recipe; readonly keep: number }
  | { readonly of: Recipe; readonly flippedBits: number; readonly seed: number };

export const SECONDS = 2.5;
export const CHANNELS = { mono: 1, stereo: 2, '5.1': 6 } as const;
export type Layout = keyof typeof CHANNELS;

/**
 * A tone that rises, from another pitch in each channel and track, over noise: silence, a shift in
 * time and a channel in another's place all show.
 */
export function soundInput(layout: Layout, rateHz: number, seconds = SECONDS, track = 0): string[] {
  const channels = Array.from({ length: CHANNELS[layout] }, (_, channel) => {
    const startHz = 100 + 150 * channel + 400 * track;
    return `0.15*sin(2*PI*(${startHz}*t+250*t*t))+0.05*(2*random(0)-1)`;
  });
  const source = `aevalsrc=exprs='${channels.join('|')}':c=${layout}:s=${rateHz}:d=${seconds}`;
  return ['-f', 'lavfi', '-i', source];
}

export function pictureInput(): string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=size=64x64:rate=25:duration=${SECONDS}`];
}

/** The path of a sample's file, which is made when it is first asked for. */
export function matrixFile({ recipe, fileName }: MatrixSample): Promise<string> {
  return fileBy(recipe, `sample${extname(fileName)}`);
}

function fileBy(recipe: Recipe, name: string): Promise<string> {
  return keptFile([recipe, name], name, async (path) => {
    if (!('of' in recipe)) return void (await ffmpeg([...recipe.by, path]));
    const whole = await fileBy(recipe.of, name);
    if ('seek' in recipe) {
      return void (await ffmpeg([...recipe.seek, '-i', whole, ...recipe.by, path]));
    }
    const bytes = await readFile(whole);
    const changed =
      'keep' in recipe
        ? bytes.subarray(0, bytes.length * recipe.keep)
        : withFlippedBits(bytes, recipe.flippedBits, recipe.seed);
    await writeFile(path, changed);
  });
}

/** As a bad disk would, or zzuf (http://caca.zoy.org/wiki/zzuf); by the same seed the same bits. */
function withFlippedBits(bytes: Uint8Array, count: number, seed: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  // Xorshift: https://www.jstatsoft.org/article/view/v008i14
  let random = seed;
  for (let left = count; left > 0; left -= 1) {
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    const bit = (random >>> 0) % (bytes.length * 8);
    flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  }
  return flipped;
}
