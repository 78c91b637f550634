import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../src/adapters/transcoder/find-ffmpeg.ts';

const CACHE = join(tmpdir(), 'soundlift-media');

/** The system's ffmpeg: it has the encoders that test videos need and the one under test may lack. */
const MAKER = findFfmpeg({ projectDirectory: '/nowhere', searchPath: process.env['PATH'] });

/** The ffmpeg that is tested: the same that the converter would find. */
export const ffmpegPath = findFfmpeg({
  ffmpegPath: process.env['FFMPEG_PATH'],
  searchPath: process.env['PATH'],
});

const input = (source: string) => ['-f', 'lavfi', '-i', source];
const PICTURES = input('testsrc2=size=320x180:rate=25:duration=5');
const SOUND = input('sine=frequency=440:beep_factor=4:sample_rate=44100:duration=5');
const SHORT_SOUND = input('sine=frequency=440:sample_rate=44100:duration=2');
const LONG_SOUND = input('sine=frequency=440:sample_rate=22050:duration=3000');
const PICTURE = input('testsrc2=size=64x64:rate=1:duration=1');
const metadata = (tags: Record<string, string>) =>
  Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`]);
/** Two chapters, of 2.5 seconds each. */
const CHAPTERS_FILE = [
  ';FFMETADATA1',
  ...['[CHAPTER]', 'TIMEBASE=1/1000', 'START=0', 'END=2500', 'title=One'],
  ...['[CHAPTER]', 'TIMEBASE=1/1000', 'START=2500', 'END=5000', 'title=Two'],
].join('\n');
const CHAPTERS = ['-i', `data:text/plain;base64,${Buffer.from(CHAPTERS_FILE).toString('base64')}`];
/** Pictures that hardly compress, so that a video of few seconds has many megabytes. */
const NOISE = input("nullsrc=size=384x224:rate=25:duration=4,geq='random(1)*255':128:128");
const H264_AAC = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];

/** How a sample comes to be: by ffmpeg, of the beginning of another one, or as text (SOUND: a path). */
type Recipe =
  | { readonly as: string; readonly by: readonly string[] }
  | { readonly as: string; readonly cut: WholeSample; readonly keep: number }
  | { readonly as: string; readonly text: string };

type WholeSample = 'mp4-fast-start' | 'mp4-index-at-end' | 'mkv-opus';

const RECIPES = {
  'mp4-index-at-end': { as: 'talk.mp4', by: [...PICTURES, ...SOUND, ...H264_AAC] },
  'mp4-fast-start': {
    as: 'fast.mp4',
    by: [...PICTURES, ...SOUND, ...H264_AAC, '-movflags', '+faststart'],
  },
  'mp4-fragmented': {
    as: 'fragments.mp4',
    by: [...PICTURES, ...SOUND, ...H264_AAC, '-movflags', 'frag_keyframe+empty_moov'],
  },
  'mkv-opus': { as: 'talk.mkv', by: [...PICTURES, ...SOUND, '-c:v', 'libx264', '-c:a', 'libopus'] },
  webm: { as: 'talk.webm', by: [...PICTURES, ...SOUND, '-c:v', 'libvpx', '-c:a', 'libvorbis'] },
  'mov-pcm': { as: 'talk.mov', by: [...PICTURES, ...SOUND, '-c:v', 'mpeg4', '-c:a', 'pcm_s16le'] },
  avi: { as: 'talk.avi', by: [...PICTURES, ...SOUND, '-c:v', 'mpeg4', '-c:a', 'mp3'] },
  mpegts: { as: 'talk.ts', by: [...PICTURES, ...SOUND, ...H264_AAC] },
  flv: { as: 'talk.flv', by: [...PICTURES, ...SOUND, ...H264_AAC] },
  'mov-stereo': { as: 'stereo.mov', by: [...SOUND, '-ac', '2', '-c:a', 'pcm_s16le'] },
  'two-tracks': {
    as: 'two.mkv',
    by: [...SOUND, ...SHORT_SOUND, '-map', '0', '-map', '1', '-ar:a:1', '22050', '-c:a', 'flac'],
  },
  tagged: {
    as: 'tagged.mp4',
    by: [
      ...SOUND,
      ...metadata({ title: 'Привет, мир', artist: 'Ada', album: 'Not mine', date: '2024-05-04' }),
    ],
  },
  chapters: {
    as: 'chapters.mkv',
    by: [...SOUND, ...CHAPTERS, '-map_chapters', '1', '-c:a', 'flac'],
  },
  covered: {
    as: 'covered.m4a',
    by: [
      ...SOUND,
      ...PICTURE,
      '-map',
      '0',
      '-map',
      '1',
      '-c:v',
      'mjpeg',
      '-disposition:v',
      'attached_pic',
    ],
  },
  wav: { as: 'sound.wav', by: SOUND },
  mp3: { as: 'sound.mp3', by: SOUND },
  /** Few bytes that take a while: something can happen in the middle of its conversion. */
  'long-sound': { as: 'long.m4a', by: [...LONG_SOUND, '-c:a', 'aac', '-b:a', '16k'] },
  'wav-8khz-mono': { as: 'phone.wav', by: [...SOUND, '-ar', '8000'] },
  'flac-96khz-surround': { as: 'film.flac', by: [...SOUND, '-ar', '96000', '-ac', '6'] },
  'no-audio': { as: 'silent-film.mp4', by: [...PICTURES, '-c:v', 'libx264'] },
  'no-samples': {
    as: 'empty-track.mkv',
    by: [...PICTURES, ...SOUND, ...H264_AAC, '-frames:a', '0'],
  },
  'short-sound': { as: 'credits.mp4', by: [...PICTURES, ...SHORT_SOUND, ...H264_AAC] },
  'unknown-codec': { as: 'odd.mkv', by: [...SOUND, '-c:a', 'sonic', '-strict', '-2'] },
  noisy: { as: 'noisy.mp4', by: [...NOISE, ...SOUND, '-shortest', '-c:v', 'mpeg4', '-q:v', '2'] },
  'text-named-mp4': { as: 'letter.mp4', text: 'Dear reader, this is not a video.\n' },
  'hls-named-mp4': {
    as: 'playlist.mp4',
    text: '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:SOUND\n#EXT-X-ENDLIST\n',
  },
  'ffconcat-named-mp4': {
    as: 'list.mp4',
    text: "ffconcat version 1.0\nfile 'SOUND'\n",
  },
  empty: { as: 'empty.mp4', text: '' },
  'truncated-fast-start': { as: 'half.mp4', cut: 'mp4-fast-start', keep: 0.5 },
  'truncated-index-at-end': { as: 'no-index.mp4', cut: 'mp4-index-at-end', keep: 0.5 },
  'truncated-mkv': { as: 'half.mkv', cut: 'mkv-opus', keep: 0.5 },
} satisfies Record<string, Recipe>;

export type SampleName = keyof typeof RECIPES;

/** The path of a sample, which is made when it is first asked for and kept for every later run. */
export async function sample(name: SampleName): Promise<string> {
  return await kept(RECIPES[name]);
}

async function kept(recipe: Recipe): Promise<string> {
  const whole = 'cut' in recipe ? await sample(recipe.cut) : '';
  return await keptFile([recipe, whole], recipe.as, (path) => make(recipe, whole, path));
}

/** The path of a file that is made, unless it has been before from exactly these ingredients. */
export async function keptFile(
  ingredients: unknown,
  name: string,
  make: (path: string) => Promise<void>,
): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(ingredients)).digest('hex');
  const directory = join(CACHE, key.slice(0, 16));
  const path = join(directory, name);
  if (await exists(path)) return path;
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, 'making-'));
  await make(join(making, name));
  // Another process may have been faster, with the same result.
  await rename(making, directory).catch(() => rm(making, { recursive: true }));
  return path;
}

/** The path of a file that is made by ffmpeg like a sample, for one suite's purpose. */
export async function made(name: string, by: readonly string[]): Promise<string> {
  return await kept({ as: name, by });
}

async function make(recipe: Recipe, whole: string, path: string): Promise<void> {
  if ('by' in recipe) return void (await ffmpeg([...recipe.by, path]));
  if ('text' in recipe) {
    const content = recipe.text.includes('SOUND')
      ? recipe.text.replace('SOUND', await sample('wav'))
      : recipe.text;
    return await writeFile(path, content);
  }
  const content = await readFile(whole);
  await writeFile(path, content.subarray(0, content.length * recipe.keep));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Writes a video of about 10 MB for each time that it is repeated; the index is at its end. */
export async function writeLongVideo(path: string, times: number): Promise<void> {
  const once = await sample('noisy');
  await ffmpeg(['-stream_loop', String(times - 1), '-i', once, '-c', 'copy', path]);
}

export interface DecodedSound {
  /** Per channel. */
  readonly samples: number;
  readonly sampleRateHz: number;
}

/** What a decoder makes of the first sound track of a file. */
export async function decodedSound(path: string): Promise<DecodedSound> {
  const decode = ['-i', path, '-map', '0:a:0', '-c:a', 'pcm_s16le', '-f', 'null', '-'];
  // Only the verbose report counts the samples.
  const report = await ffmpeg(['-v', 'verbose', ...decode]);
  const made = report.slice(report.indexOf('Output #0'));
  const sampleRateHz = /Audio: pcm_s16le, (\d+) Hz/.exec(made)?.[1];
  const samples = /Output stream #0:0 .* \((\d+) samples\)/.exec(made)?.[1];
  return { samples: Number(samples), sampleRateHz: Number(sampleRateHz) };
}

export async function decodedDurationSeconds(path: string): Promise<number> {
  const { samples, sampleRateHz } = await decodedSound(path);
  return samples / sampleRateHz;
}

/** The length that a file's head declares, as players show it. */
export async function declaredDurationSeconds(path: string): Promise<number> {
  const report = await ffmpeg(['-i', path, '-t', '0', '-f', 'null', '-']);
  const [, hours, minutes, seconds] = /Duration: (\d+):(\d+):([\d.]+)/.exec(report) ?? [];
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
}

/** Returns what ffmpeg reports. */
export async function ffmpeg(args: readonly string[]): Promise<string> {
  if (MAKER === undefined) throw new Error('test media need an ffmpeg on the PATH');
  const { stderr } = await promisify(execFile)(MAKER, ['-hide_banner', '-nostdin', '-y', ...args], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stderr;
}
