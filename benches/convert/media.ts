import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CACHE = join(tmpdir(), 'soundlift-bench-media');

/** Debian's: it has the encoders that videos need, and the layer's has not. */
export const SYSTEM_FFMPEG = '/usr/bin/ffmpeg';

/** What is converted. */
export interface Medium {
  readonly name: string;
  readonly fileName: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** A few seconds or a minute, repeated for as long as a video is to be. */
const INGREDIENTS = {
  /** 1080p of 3 Mbit/s whatever the picture shows, as a video of the web has: x264 pads it. */
  pictures: {
    as: 'pictures.mp4',
    by: [
      ...['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=25:duration=10'],
      ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50'],
      ...['-b:v', '3M', '-minrate', '3M', '-maxrate', '3M', '-bufsize', '3M'],
      ...['-x264-params', 'nal-hrd=cbr'],
    ],
  },
  /** Plucked notes over a bass and noise, different left and right: no encoder has it easy. */
  music: {
    as: 'music.wav',
    by: [
      ...['-f', 'lavfi', '-i', 'anoisesrc=color=pink:amplitude=0.15:r=48000:seed=1:d=60'],
      ...['-f', 'lavfi', '-i', `aevalsrc='${note(220, 2, 8)}|${note(330, 3, 5)}':s=48000:d=60`],
      ...['-filter_complex', '[0][1]amix=normalize=0', '-ac', '2'],
    ],
  },
  /** Vowels of a low voice in syllables, with pauses between sentences. */
  speech: {
    as: 'speech.wav',
    by: [
      ...['-f', 'lavfi', '-i', `aevalsrc='${syllables()}+0.01*(random(0)-0.5)':s=44100:d=60`],
      ...['-ac', '1'],
    ],
  },
} satisfies Record<string, Recipe>;

type Ingredient = keyof typeof INGREDIENTS;

interface Recipe {
  readonly as: string;
  readonly of?: readonly Ingredient[];
  readonly seconds?: number;
  readonly by: readonly string[];
}

const VIDEO = ['pictures', 'music'] as const;
const MINUTE = 60;

const RECIPES = {
  'mp4-index-at-end': { as: 'talk.mp4', of: VIDEO, by: ['-c:a', 'aac', '-b:a', '128k'] },
  'mp4-fast-start': {
    as: 'fast.mp4',
    of: VIDEO,
    by: ['-c:a', 'aac', '-b:a', '128k', '-movflags', '+faststart'],
  },
  'mkv-opus': { as: 'talk.mkv', of: VIDEO, by: ['-c:a', 'libopus', '-b:a', '128k'] },
  'mov-pcm': { as: 'talk.mov', of: VIDEO, by: ['-c:a', 'pcm_s16le'] },
  'mp3-in-mp4': { as: 'mp3.mp4', of: VIDEO, by: ['-c:a', 'libmp3lame', '-b:a', '192k'] },
  'voice-m4a': {
    as: 'voice.m4a',
    of: ['speech'],
    seconds: 60 * MINUTE,
    by: ['-c:a', 'aac', '-b:a', '64k'],
  },
} satisfies Record<string, Recipe>;

const ALL: readonly MediumName[] = [
  'mp4-index-at-end',
  'mp4-fast-start',
  'mkv-opus',
  'mov-pcm',
  'mp3-in-mp4',
  'voice-m4a',
];
const FEW: readonly MediumName[] = ['mp4-index-at-end', 'mkv-opus', 'mp3-in-mp4'];

type MediumName = keyof typeof RECIPES;

/**
 * The media of a run, made when they are first asked for and kept for every later run.
 *
 * @param form `short`: few, and of one minute; `long`: all, of ten minutes and the voice of sixty
 */
export async function makeMedia(form: 'short' | 'long', signal: AbortSignal): Promise<Medium[]> {
  if (!existsSync(SYSTEM_FFMPEG)) {
    throw new Error(`media are made by ${SYSTEM_FFMPEG}, and it is not there: install ffmpeg`);
  }
  const media: Medium[] = [];
  for (const name of form === 'short' ? FEW : ALL) {
    const recipe: Recipe = { seconds: 10 * MINUTE, ...RECIPES[name] };
    const path = await made(form === 'short' ? { ...recipe, seconds: MINUTE } : recipe, signal);
    media.push({ name, fileName: recipe.as, path, sizeBytes: (await stat(path)).size });
  }
  return media;
}

async function made(recipe: Recipe, signal: AbortSignal): Promise<string> {
  const parts: string[] = [];
  for (const ingredient of recipe.of ?? []) {
    parts.push(await made(INGREDIENTS[ingredient], signal));
  }
  const key = createHash('sha256').update(JSON.stringify([recipe, parts]));
  const directory = join(CACHE, key.digest('hex').slice(0, 16));
  const path = join(directory, recipe.as);
  if (existsSync(path)) return path;
  console.error(`making ${recipe.as}, once`);
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, 'making-'));
  try {
    const args = [...inputs(parts), ...recipe.by, ...length(recipe), join(making, recipe.as)];
    const quietly = ['-nostdin', '-v', 'error', '-y'];
    await promisify(execFile)(SYSTEM_FFMPEG, [...quietly, ...args], { signal });
    // Another process may have been faster, with the same result.
    await rename(making, directory).catch(() => undefined);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return path;
}

/** Pictures are taken as they are: what they show is decoded by nobody. */
function inputs(parts: readonly string[]): string[] {
  return [
    ...parts.flatMap((path) => ['-stream_loop', '-1', '-i', path]),
    ...parts.flatMap((_path, index) => ['-map', String(index)]),
    ...(parts.length > 0 ? ['-c:v', 'copy'] : []),
  ];
}

function length({ seconds }: Recipe): string[] {
  return seconds === undefined ? [] : ['-t', String(seconds)];
}

/** Notes that fade, so many a second, and a bass below them. */
function note(hertz: number, perSecond: number, steps: number): string {
  const pitch = `(${hertz}+55*floor(mod(t*${perSecond}\\,${steps})))`;
  const pluck = `0.3*sin(2*PI*${pitch}*t)*exp(-${2 * perSecond}*mod(t\\,1/${perSecond}))`;
  return `${pluck}+0.15*sin(PI*${hertz}*t)`;
}

function syllables(): string {
  const vowel = [1, 2, 3, 5, 8].map((n) => `${0.25 / n}*sin(2*PI*${120 * n}*t+sin(2*PI*0.7*t))`);
  return `(${vowel.join('+')})*max(0\\,sin(2*PI*2*t))*gt(mod(t\\,7)\\,1)`;
}
