import {
  CHANNELS,
  type Layout,
  type MatrixSample,
  pictureInput,
  soundInput,
} from './matrix-media.ts';
import { pairwise } from './pairwise.ts';

const RATES_HZ = [8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000];
const LAYOUTS: readonly Layout[] = ['mono', 'stereo', '5.1'];

/** What an encoder of ffmpeg takes, where it does not take everything. */
interface Encoder {
  readonly name: string;
  readonly maxChannels?: number;
  readonly ratesHz?: readonly number[];
}

/** By ffmpeg's names of the codecs. */
const ENCODERS = {
  aac: { name: 'aac' },
  ac3: { name: 'ac3', ratesHz: [32_000, 44_100, 48_000] },
  alac: { name: 'alac' },
  flac: { name: 'flac' },
  mp2: { name: 'mp2', maxChannels: 2, ratesHz: [16_000, 22_050, 32_000, 44_100, 48_000] },
  mp3: { name: 'libmp3lame', maxChannels: 2, ratesHz: RATES_HZ.filter((hz) => hz < 96_000) },
  opus: { name: 'libopus', ratesHz: [8_000, 16_000, 48_000] },
  pcm_f32le: { name: 'pcm_f32le' },
  pcm_s16be: { name: 'pcm_s16be' },
  pcm_s16le: { name: 'pcm_s16le' },
  pcm_s24le: { name: 'pcm_s24le' },
  pcm_u8: { name: 'pcm_u8' },
  vorbis: { name: 'libvorbis' },
  wmav2: { name: 'wmav2', maxChannels: 2, ratesHz: RATES_HZ.filter((hz) => hz < 96_000) },
} satisfies Record<string, Encoder>;
export type Codec = keyof typeof ENCODERS;

interface Container {
  readonly codecs: readonly Codec[];
  /** The codec of its pictures; without one it is a container of sound alone. */
  readonly pictures?: string;
  /** Whether ffmpeg writes no title into it. */
  readonly isUntitled?: boolean;
}

/** By the ending of a file's name. */
const CONTAINERS = {
  mp4: { pictures: 'mpeg4', codecs: ['aac', 'ac3', 'alac', 'mp3', 'opus'] },
  mov: { pictures: 'mpeg4', codecs: ['pcm_s16le', 'pcm_s24le', 'alac', 'aac'] },
  m4a: { codecs: ['aac', 'alac'] },
  mkv: { pictures: 'mpeg4', codecs: ['opus', 'vorbis', 'flac', 'ac3', 'mp3'] },
  webm: { pictures: 'libvpx', codecs: ['opus', 'vorbis'] },
  avi: { pictures: 'mpeg4', codecs: ['mp3', 'pcm_s16le', 'ac3'] },
  ts: { pictures: 'mpeg2video', codecs: ['aac', 'mp2', 'ac3'], isUntitled: true },
  mpg: { pictures: 'mpeg2video', codecs: ['mp2', 'ac3'], isUntitled: true },
  flv: { pictures: 'flv', codecs: ['aac', 'mp3'] },
  wmv: { pictures: 'wmv2', codecs: ['wmav2'] },
  ogg: { codecs: ['vorbis', 'opus', 'flac'] },
  wav: { codecs: ['pcm_s16le', 'pcm_u8', 'pcm_f32le'] },
  aiff: { codecs: ['pcm_s16be'] },
  flac: { codecs: ['flac'] },
  mp3: { codecs: ['mp3'] },
  aac: { codecs: ['aac'], isUntitled: true },
} satisfies Record<string, Container>;
export type ContainerName = keyof typeof CONTAINERS;

type Row = {
  readonly container: ContainerName;
  readonly codec: Codec;
  readonly layout: Layout;
  readonly rateHz: number;
};

/** Container, codec, channels and sample rate: every two that go together, together at least once. */
export function matrixRows(): MatrixSample[] {
  return pairwise(possibleRows()).map(({ container, codec, layout, rateHz }) => {
    const sound = soundInput(layout, rateHz);
    return sampleBy(`${container} ${codec} ${layout} ${rateHz} Hz`, container, codec, sound);
  });
}

/** A sample of this sound, with pictures where the container has them. */
export function sampleBy(
  name: string,
  container: ContainerName,
  codec: Codec,
  sound: readonly string[],
  output: readonly string[] = [],
): MatrixSample {
  const { pictures, isUntitled }: Container = CONTAINERS[container];
  const title = isUntitled ? undefined : `Größe 音 ${name}`;
  const by = [
    ...[...sound, ...(pictures ? [...pictureInput(), '-c:v', pictures] : [])],
    ...['-c:a', ENCODERS[codec].name, '-metadata', `title=${title ?? ''}`, ...output],
  ];
  return { name, recipe: { by }, codec, fileName: `${name}.${container}`, title };
}

function possibleRows(): Row[] {
  const rows: Row[] = [];
  for (const container of Object.keys(CONTAINERS).filter(isContainerName)) {
    const { codecs }: Container = CONTAINERS[container];
    for (const codec of codecs) {
      const { maxChannels = 6, ratesHz = RATES_HZ }: Encoder = ENCODERS[codec];
      const layouts = LAYOUTS.filter((layout) => CHANNELS[layout] <= maxChannels);
      for (const layout of layouts) {
        rows.push(...ratesHz.map((rateHz) => ({ container, codec, layout, rateHz })));
      }
    }
  }
  return rows.filter(isStorable);
}

function isContainerName(name: string): name is ContainerName {
  return name in CONTAINERS;
}

/** MP4 has no name for MPEG-2.5, and FLV for few sample rates. */
function isStorable({ container, codec, rateHz }: Row): boolean {
  if (codec !== 'mp3') return true;
  if (container === 'mp4') return rateHz >= 16_000;
  return container !== 'flv' || [22_050, 44_100, 48_000].includes(rateHz);
}
