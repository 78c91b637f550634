import type { ConversionOptions } from '../../src/domain/media.ts';
import { type MatrixSample, pictureInput, SECONDS, soundInput } from './matrix-media.ts';
import { type Codec, type ContainerName, sampleBy } from './matrix-rows.ts';

const STEREO = soundInput('stereo', 44_100);
const SHORT = soundInput('stereo', 44_100, SECONDS / 2);
const LONG = soundInput('stereo', 44_100, SECONDS * 2);
const LATE = ['-itsoffset', '0.7', ...STEREO];
const TWO_TRACKS = [...STEREO, ...soundInput('stereo', 44_100, SECONDS, 1)];
const VARIABLE_BITRATE = ['-q:a', '2'];

const mp4 = (name: string, sound: readonly string[], output: readonly string[] = []) =>
  sampleBy(`mp4 ${name}`, 'mp4', 'aac', sound, output);

/** What a container can do to sound beside holding it from beginning to end. */
export const specialSamples: readonly MatrixSample[] = [
  mp4('with its index at its end', STEREO),
  mp4('with its index in front', STEREO, ['-movflags', '+faststart']),
  mp4('in fragments', STEREO, ['-movflags', 'frag_keyframe+empty_moov']),
  mp4('in fragments of 0.1 s', STEREO, ['-movflags', 'empty_moov', '-frag_duration', '100000']),
  mp4('without an edit list', STEREO, ['-use_editlist', '0']),
  cutByEditList(mp4('cut by an edit list', STEREO)),
  mp4('of variable frame rate', STEREO, ['-vf', "select='lt(mod(t,1),0.2)'", '-fps_mode', 'vfr']),
  mp4('whose sound ends before its pictures', SHORT),
  mp4('whose sound goes on after its pictures', LONG),
  mp4('whose sound begins late', LATE),
  sampleBy('mkv whose sound begins late', 'mkv', 'opus', LATE),
  sampleBy('mov whose sound begins late', 'mov', 'pcm_s16le', LATE),
  sampleBy('ts whose sound begins late', 'ts', 'aac', LATE),
  sampleBy('flv whose sound begins late', 'flv', 'mp3', LATE),
  twoTracks('mp4', 'aac', 0),
  twoTracks('mp4', 'aac', 1),
  twoTracks('mkv', 'mp3', 1),
  twoTracks('ts', 'mp2', 1),
  sampleBy('mp3 of variable bitrate', 'mp3', 'mp3', STEREO, VARIABLE_BITRATE),
  sampleBy('mp3 without a head', 'mp3', 'mp3', STEREO, [...VARIABLE_BITRATE, '-write_xing', '0']),
  sampleBy('mp3 with a tag at its end', 'mp3', 'mp3', STEREO, ['-write_id3v1', '1']),
  sampleBy('mp4 with mp3 of variable bitrate', 'mp4', 'mp3', STEREO, VARIABLE_BITRATE),
  sampleBy('avi with mp3 of variable bitrate', 'avi', 'mp3', STEREO, VARIABLE_BITRATE),
  sampleBy('ts with mp3 of variable bitrate', 'ts', 'mp3', STEREO, VARIABLE_BITRATE),
  withOptions({ mono: true }),
  withOptions({ quality: 'high' }),
  withOptions({ quality: 'voice' }),
  withOptions({ bitrateKbps: 128 }),
  withOptions({ startSeconds: 0.5, endSeconds: 1.75 }),
];

function cutByEditList(sample: MatrixSample): MatrixSample {
  return { ...sample, recipe: { of: sample.recipe, seek: ['-ss', '0.7'], by: ['-c', 'copy'] } };
}

function twoTracks(container: ContainerName, codec: Codec, track: number): MatrixSample {
  const name = `${container} ${codec}, track ${track} of two`;
  const maps = ['-map', '0:a', '-map', '1:a', '-map', '2:v'];
  return { ...sampleBy(name, container, codec, TWO_TRACKS, maps), options: { track } };
}

function withOptions(options: ConversionOptions): MatrixSample {
  return { ...mp4(JSON.stringify(options).replaceAll(/["{}]/g, ''), STEREO), options };
}

/** `tells`: ffmpeg knows the length of what it was, so that what is missing can be missed. */
const WHOLE: readonly { container: ContainerName; codec: Codec; tells?: boolean }[] = [
  { container: 'mp4', codec: 'aac', tells: true },
  { container: 'mkv', codec: 'opus', tells: true },
  { container: 'mkv', codec: 'ac3', tells: true },
  { container: 'webm', codec: 'vorbis', tells: true },
  { container: 'avi', codec: 'mp3', tells: true },
  { container: 'avi', codec: 'pcm_s16le' },
  { container: 'ts', codec: 'aac' },
  { container: 'mpg', codec: 'mp2' },
  { container: 'flv', codec: 'mp3', tells: true },
  { container: 'wmv', codec: 'wmav2' },
  { container: 'ogg', codec: 'vorbis' },
  { container: 'wav', codec: 'pcm_s16le' },
  { container: 'aiff', codec: 'pcm_s16be', tells: true },
  { container: 'flac', codec: 'flac', tells: true },
  { container: 'mp3', codec: 'mp3', tells: true },
  { container: 'aac', codec: 'aac' },
];

function longSample(name: string, container: ContainerName, codec: Codec): MatrixSample {
  const output = container === 'mp4' ? ['-movflags', '+faststart'] : [];
  return sampleBy(`${name} ${container} ${codec}`, container, codec, LONG, output);
}

/** The first half of a file. */
export const cutSamples = WHOLE.map(({ container, codec, tells = false }) => {
  const sample = longSample('half of', container, codec);
  return { ...sample, recipe: { of: sample.recipe, keep: 0.5 }, tells };
});

/** Files of which bits anywhere are wrong. */
export const spoiltSamples = WHOLE.flatMap(({ container, codec }) =>
  [1, 2].map((seed) => {
    const whole = longSample('spoilt', container, codec);
    const recipe = { of: whole.recipe, flippedBits: 60, seed };
    return { ...whole, name: `${whole.name}, seed ${seed}`, recipe, whole };
  }),
);

/** What has no sound that could be converted, and why. */
export const unusableSamples = [
  { ...mp4('without sound', []), recipe: { by: [...pictureInput(), '-an'] }, code: 'no-audio' },
  { ...mp4('without the track', STEREO), options: { track: 1 }, code: 'no-audio' },
  cutBeforeIndex(mp4('cut off before its index', LONG)),
];

function cutBeforeIndex(sample: MatrixSample) {
  return { ...sample, recipe: { of: sample.recipe, keep: 0.5 }, code: 'unreadable-media' };
}
