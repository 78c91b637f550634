import { describe, expect, it } from 'vitest';
import {
  copyArguments,
  coverArguments,
  encodeArguments,
  loudnessArguments,
  tagsArguments,
} from '../../src/adapters/transcoder/ffmpeg-arguments.ts';
import type { ConversionOptions } from '../../src/domain/media.ts';

const URL = 'http://127.0.0.1:1/secret';
const encode = (options: ConversionOptions = {}) => encodeArguments(URL, options, undefined);

/** The value that follows an option. */
function valueAfter(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

describe.each([
  ['tags', tagsArguments(URL, 0)],
  ['cover', coverArguments(URL, 1)],
  ['loudness', loudnessArguments(URL, {}, { gainDb: 0 })],
  ['copy', copyArguments(URL, {})],
  ['encode', encode()],
])('the arguments for ffmpeg (%s)', (_what, args) => {
  const ofInput = args.slice(0, args.indexOf('-i'));

  it('let the source be read from one place by one protocol', () => {
    expect(args.filter((arg) => arg === '-i')).toHaveLength(1);
    expect(valueAfter(args, '-i')).toBe(URL);
    expect(valueAfter(ofInput, '-protocol_whitelist')).toBe('http,tcp');
    expect(valueAfter(ofInput, '-seekable')).toBe('1');
  });

  it.each(['hls', 'dash', 'concat', 'concatf', 'sdp', 'rtsp', 'image2', 'tty', 'lavfi'])(
    'allow no %s, which names other places',
    (demuxer) => {
      expect(valueAfter(ofInput, '-format_whitelist')?.split(',')).not.toContain(demuxer);
    },
  );

  it.each(['h264', 'hevc', 'vp9', 'av1', 'mjpeg', 'png'])('allow no %s decoder', (decoder) => {
    expect(valueAfter(ofInput, '-codec_whitelist')?.split(',')).not.toContain(decoder);
  });

  it('limit what the source can make ffmpeg take', () => {
    expect(Number(valueAfter(ofInput, '-max_alloc'))).toBe(256 * 1024 * 1024);
    expect(Number(valueAfter(ofInput, '-max_streams'))).toBe(64);
  });

  it('write to standard output and nowhere else', () => {
    expect(args.at(-1)).toBe('pipe:1');
  });
});

describe('the arguments for encoding', () => {
  it.each([
    [{}, '-q:a', '2'],
    [{ quality: 'standard' as const }, '-q:a', '2'],
    [{ quality: 'high' as const }, '-q:a', '0'],
    [{ quality: 'voice' as const }, '-b:a', '64k'],
    [{ bitrateKbps: 192 }, '-b:a', '192k'],
  ])('ask for the quality of %j', (options, option, value) => {
    const args = encode(options);
    expect(valueAfter(args, option)).toBe(value);
    expect(args.filter((arg) => arg === '-q:a' || arg === '-b:a')).toHaveLength(1);
  });

  it('mix to one channel for mono and for voice', () => {
    expect(valueAfter(encode({ mono: true }), '-ac')).toBe('1');
    expect(valueAfter(encode({ quality: 'voice' }), '-ac')).toBe('1');
    expect(encode()).not.toContain('-ac');
  });

  it('leave the head to us, and nothing of the source but one sound track', () => {
    const args = encode({ track: 2 });
    expect(valueAfter(args, '-write_xing')).toBe('0');
    expect(valueAfter(args, '-id3v2_version')).toBe('0');
    expect(valueAfter(args, '-map')).toBe('0:a:2');
    expect(valueAfter(args, '-map_metadata')).toBe('-1');
  });

  it('cut decoded sound', () => {
    const args = encode({ startSeconds: 1.5, endSeconds: 3 });
    expect(valueAfter(args, '-af')).toBe('atrim=start=1.5:end=3,asetpts=PTS-STARTPTS');
    expect(valueAfter(encode({ endSeconds: 3 }), '-af')).toMatch(/^atrim=end=3,/);
    expect(encode()).not.toContain('-af');
  });

  it('change the volume, and limit peaks only where there is need', () => {
    const louder = encodeArguments(URL, {}, { gainDb: 7 });
    expect(valueAfter(louder, '-af')).toBe('volume=7.00dB:precision=float');
    const limited = encodeArguments(URL, {}, { gainDb: 7, limitDbfs: -1.5 });
    expect(valueAfter(limited, '-af')).toContain('alimiter=limit=0.8414');
  });
});
