import { readFile, rm } from 'node:fs/promises';
import { ffmpeg } from './media.ts';

/** Decoded sound: 32-bit floats between −1 and 1, the channels in turn. */
export interface Pcm {
  readonly values: Float32Array;
  /** Per channel. */
  readonly samples: number;
}

export interface EncodedTrack {
  readonly path: string;
  readonly track?: number | undefined;
  /** As ffmpeg has them. */
  readonly filters?: readonly string[] | undefined;
}

/**
 * Decodes sound tracks of several files at once, each brought to the same rate and channels: as an
 * MP3 encoder would get them, for ffmpeg mixes whole numbers 7.7 dB quieter from 5.1 to stereo than
 * floats, lest they overflow.
 */
export async function decodePcm(
  tracks: readonly EncodedTrack[],
  { channels, sampleRateHz }: { readonly channels: number; readonly sampleRateHz: number },
): Promise<Pcm[]> {
  const layout = channels === 1 ? 'mono' : 'stereo';
  const toEncoder = `aformat=s16p|s32p|fltp:sample_rates=${sampleRateHz}:channel_layouts=${layout}`;
  const pathOf = (index: number) => `${tracks[0]?.path}.${index}.f32`;
  await ffmpeg([
    ...tracks.flatMap(({ path }) => ['-i', path]),
    ...tracks.flatMap(({ track = 0, filters = [] }, index) => [
      ...['-map', `${index}:a:${track}`, '-af', [...filters, toEncoder].join()],
      ...['-f', 'f32le', pathOf(index)],
    ]),
  ]);
  return Promise.all(tracks.map((_, index) => readPcm(pathOf(index), channels)));
}

async function readPcm(path: string, channels: number): Promise<Pcm> {
  const { buffer, byteOffset, byteLength } = await readFile(path);
  await rm(path);
  const values = new Float32Array(buffer, byteOffset, byteLength / Float32Array.BYTES_PER_ELEMENT);
  return { values, samples: values.length / channels };
}

/** How loud it is on the whole; 0 is a square wave as loud as can be. */
export function levelDb({ values }: Pcm): number {
  return decibels(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

/** How loud the difference is, as far as both go; −∞ when there is none. */
export function differenceDb(a: Pcm, b: Pcm): number {
  const length = Math.min(a.values.length, b.values.length);
  let sum = 0;
  for (let index = 0; index < length; index += 1) {
    sum += ((a.values[index] ?? 0) - (b.values[index] ?? 0)) ** 2;
  }
  return decibels(sum / length);
}

function decibels(power: number): number {
  return 10 * Math.log10(power);
}
