import { describe, expect, it } from 'vitest';
import {
  emptyReport,
  reportWith,
  unusableMediaIn,
} from '../../src/adapters/transcoder/ffmpeg-report.ts';

const reportOf = (text: string) => text.split('\n').reduce(reportWith, emptyReport);

// Word for word from `-v level+verbose` of Debian's ffmpeg 5.1.9 and of 9.0.2, lines left out.
const BY_5_1 = `[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'http://127.0.0.1:1/x':
[info]   Metadata:
[info]     title           : Duration: 99:00:00.00
[info]   Duration: 01:02:03.50, start: 0.000000, bitrate: 4142 kb/s
[info]   Stream #0:0[0x1](und): Video: h264 (avc1 / 0x31637661), none, 1280x720, 4069 kb/s, 25 fps
[info]   Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, mono, fltp, 69 kb/s (default)
[info]   Stream #0:2[0x3](und): Audio: ac3, 48000 Hz, 5.1(side), fltp, 448 kb/s
[info] Stream mapping:
[info] Output #0, mp3, to 'pipe:1':
[info]   Stream #0:0(und): Audio: mp3, 48000 Hz, stereo, fltp, delay 1105 (default)
[verbose]   Input stream #0:1 (audio): 432 packets read (86778 bytes); 431 frames decoded (441344 samples);
[verbose]   Output stream #0:0 (audio): 384 frames encoded (441000 samples); 385 packets muxed (49614 bytes); `;
const BY_9_0 = `[info] Input #0, matroska,webm, from 'http://127.0.0.1:1/x':
[info]   Duration: N/A, start: 0.000000, bitrate: N/A
[info]   Stream #0:0: Audio: opus, 48000 Hz, 5.1, fltp
[out#0/mp3 @ 0x5647] [verbose]   Output stream #0:0 (audio): 383 frames encoded (441000 samples); 384 packets muxed (49510 bytes); `;

const OPENED = "[info] Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'http://127.0.0.1:1/x':\n";

describe('what ffmpeg says of a source', () => {
  it('is the container’s length and its sound tracks, and not what the metadata say', () => {
    expect(reportOf(BY_5_1)).toMatchObject({
      container: 'mov,mp4,m4a,3gp,3g2,mj2',
      durationSeconds: 3_723.5,
      audioStreams: [
        { codec: 'aac', channels: 'mono', sampleRateHz: 44_100, bitrateKbps: 69 },
        { codec: 'ac3', channels: '5.1(side)', sampleRateHz: 48_000, bitrateKbps: 448 },
      ],
      encodedSamples: 441_000,
    });
  });

  it('may be that the length is unknown', () => {
    const { audioStreams, durationSeconds, encodedSamples } = reportOf(BY_9_0);
    expect(durationSeconds).toBeUndefined();
    expect(audioStreams).toEqual([{ codec: 'opus', channels: '5.1', sampleRateHz: 48_000 }]);
    expect(encodedSamples).toBe(441_000);
  });

  it('is remembered only as far as its last lines go', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    expect(reportOf(lines.join('\n')).lastLines).toEqual(lines.slice(-20));
  });
});

describe('loudness', () => {
  it('is read from the summary of the filter', () => {
    const summary = `${OPENED}[Parsed_ebur128_0 @ 0x1] [info] Summary:

  Integrated loudness:
    I:         -41.8 LUFS
    Threshold: -51.8 LUFS

  True peak:
    Peak:      -38.1 dBFS`;
    expect(reportOf(summary).loudness).toEqual({ integratedLufs: -41.8, truePeakDbfs: -38.1 });
  });

  it('of silence has no peak', () => {
    expect(reportOf(`${OPENED}    Peak:       -inf dBFS`).loudness.truePeakDbfs).toBe(-Infinity);
  });
});

describe('a source that cannot become an MP3', () => {
  it.each([
    ["[fatal] Stream map '0:a:0' matches no streams.", 1, 'no-audio'],
    ["[fatal] Stream map '' matches no streams.", 234, 'no-audio'],
    ['[warning] Output file is empty, nothing was encoded', 0, 'no-audio'],
    ['[mov,mp4 @ 0x1] [error] stream 1, offset 0x4db222: partial file', 0, 'unreadable-media'],
    ['[aist#0:1/aac @ 0x1] [dec:aac @ 0x2] [error] Decode error rate 1', 69, 'unreadable-media'],
    ['[error] Error while opening decoder for input stream #0:0 : Invalid', 1, 'unreadable-media'],
    [
      '[aist#0:0/sonic @ 0x1] [error] Decoding requested, but no decoder found for: sonic',
      234,
      'unreadable-media',
    ],
  ])('is known by: %s', (line, exitCode, code) => {
    expect(unusableMediaIn(reportOf(OPENED + line), exitCode)).toMatchObject({ code });
  });

  it.each([
    ['[error] http://127.0.0.1:1/x: Invalid data found when processing input', 1],
    ['[in#0 @ 0x1] [error] Error opening input: Invalid data found when processing input', 183],
    ["[hls @ 0x1] [error] Format not on whitelist 'mov,mp4'", 1],
    ['[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] [error] moov atom not found', 1],
  ])('is known before it was opened by: %s', (line, exitCode) => {
    expect(unusableMediaIn(reportOf(line), exitCode)).toMatchObject({ code: 'unreadable-media' });
  });

  it.each([
    ['[error] http://127.0.0.1:1/x: Connection refused', 1],
    ['[error] http://127.0.0.1:1/x: Cannot allocate memory', 244],
    ['prlimit: failed to execute /nowhere/ffmpeg: No such file or directory', 127],
    [`${OPENED}[aac @ 0x1] [error] Error while decoding stream #0:1: Invalid data found`, null],
  ])('is not known by: %s', (line, exitCode) => {
    expect(unusableMediaIn(reportOf(line), exitCode)).toBeUndefined();
  });
});
