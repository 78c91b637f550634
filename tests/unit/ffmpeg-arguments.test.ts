import { describe, expect, it } from 'vitest';
import { ffmpegArguments } from '../../src/adapters/transcoder/ffmpeg-arguments.ts';

const URL = 'http://127.0.0.1:1/secret';

/** The value that follows an option. */
function valueAfter(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

describe('the arguments for ffmpeg', () => {
  const args = ffmpegArguments(URL, {});
  const ofInput = args.slice(0, args.indexOf('-i'));

  it('let the source be read from one place by one protocol', () => {
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

  it('ask for LAME’s V2, or for the bitrate that was asked for', () => {
    expect(valueAfter(args, '-q:a')).toBe('2');
    expect(args).not.toContain('-b:a');
    const constant = ffmpegArguments(URL, { bitrateKbps: 192 });
    expect(valueAfter(constant, '-b:a')).toBe('192k');
    expect(constant).not.toContain('-q:a');
  });

  it('leave the head to us, and nothing of the source but its first sound', () => {
    expect(valueAfter(args, '-write_xing')).toBe('0');
    expect(valueAfter(args, '-id3v2_version')).toBe('0');
    expect(valueAfter(args, '-map')).toBe('0:a:0');
    expect(valueAfter(args, '-map_metadata')).toBe('-1');
    expect(args.at(-1)).toBe('pipe:1');
  });
});
