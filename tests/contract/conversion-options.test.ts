import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import type { ConversionOptions } from '../../src/domain/media.ts';
import { decodedSound, ffmpeg, ffmpegPath, made, sample } from '../support/media.ts';
import { fileSource, jobOf, writeMp3 } from '../support/media-source.ts';
import { tempDir } from '../support/temp-dir.ts';

const folder = await tempDir('options');
const transcoder = createFfmpegTranscoder({ ffmpegPath });
let conversions = 0;

async function convert(path: string, options: ConversionOptions, fileName = 'talk.mp4') {
  conversions += 1;
  const mp3 = join(folder, `${conversions}.mp3`);
  const transcoding = await transcoder.toMp3(jobOf(await fileSource(path), { options, fileName }));
  await writeMp3(transcoding, mp3);
  return { mp3, ...transcoding.result() };
}

/** What ffmpeg reads in the MP3's tag. */
const tagsOf = async (mp3: string) =>
  await ffmpeg(['-i', mp3, '-map_chapters', '-1', '-t', '0', '-f', 'null', '-']);

/** What ffmpeg says of the MP3's sound. */
async function streamOf(mp3: string): Promise<string> {
  return /Stream #0:0.*Audio: (.*)/.exec(await tagsOf(mp3))?.[1] ?? '';
}

async function loudnessOf(path: string): Promise<{ lufs: number; peakDb: number }> {
  const report = await ffmpeg(['-i', path, '-af', 'ebur128=peak=true', '-f', 'null', '-']);
  const summary = report.slice(report.lastIndexOf('Summary:'));
  return {
    lufs: Number(/I: +(-?[\d.]+) LUFS/.exec(summary)?.[1]),
    peakDb: Number(/Peak: +(-?[\d.]+) dBFS/.exec(summary)?.[1]),
  };
}

/** A tone that is not there before a second has passed, and is gone after the third. */
const BEEP = ['-f', 'lavfi', '-i', "aevalsrc='sin(880*PI*t)*between(t,1,3)':s=44100:d=4"];

describe('trim', () => {
  it.each([
    [{ startSeconds: 1.25 }, 5 - 1.25],
    [{ endSeconds: 1.5 }, 1.5],
    [{ startSeconds: 0.1, endSeconds: 0.35 }, 0.25],
    [{ startSeconds: 4, endSeconds: 100 }, 1],
  ])('%j keeps so much, to the sample', async (options, seconds) => {
    const { mp3, durationSeconds } = await convert(await sample('wav'), options);
    const { samples, sampleRateHz } = await decodedSound(mp3);
    expect(samples).toBe(Math.round(seconds * sampleRateHz));
    expect(durationSeconds).toBeCloseTo(seconds, 4);
  });

  it('keeps the part that was meant', async () => {
    const { mp3 } = await convert(await made('beep.flac', BEEP), {
      startSeconds: 1,
      endSeconds: 3,
    });
    const quiet = ['-af', 'silencedetect=noise=-40dB:duration=0.05', '-f', 'null', '-'];
    expect(await ffmpeg(['-i', mp3, ...quiet])).not.toContain('silence_start');
  });

  it('of nothing is refused', async () => {
    const beyond = convert(await sample('wav'), { startSeconds: 50 });
    await expect(beyond).rejects.toMatchObject({ code: 'no-audio' });
  });
});

describe('channels and tracks', () => {
  it('mono mixes', async () => {
    const { mp3 } = await convert(await sample('mov-stereo'), { mono: true });
    expect(await streamOf(mp3)).toContain('mono');
  });

  it('another track is another sound', async () => {
    const video = await sample('two-tracks');
    const { mp3, source } = await convert(video, { track: 1 });
    expect(source).toMatchObject({ audioTracks: 2, sampleRateHz: 22_050 });
    expect(await streamOf(mp3)).toContain('22050 Hz');
  });

  it('a track that is not there is refused, and says what is there', async () => {
    await expect(convert(await sample('wav'), { track: 1 })).rejects.toMatchObject({
      code: 'no-audio',
      message: 'This file has one sound track, and none with number 1.',
    });
  });
});

describe('quality', () => {
  it.each([
    [{ quality: 'voice' as const }, '64 kbit/s', 64],
    [{ bitrateKbps: 96 }, '96 kbit/s', 96],
  ])('%j is constant', async (options, as, kbps) => {
    const { mp3, made, durationSeconds } = await convert(await sample('wav'), options);
    expect(made).toEqual({ how: 'encoded', as });
    const { size } = await stat(mp3);
    expect(((size - 4_096) * 8) / durationSeconds / 1_000).toBeGreaterThan(kbps * 0.9);
    expect(await streamOf(mp3)).toContain(`${kbps} kb/s`);
  });

  it('high is larger than standard', async () => {
    const noise = await made('noise.flac', ['-f', 'lavfi', '-i', 'anoisesrc=d=5:c=pink:r=44100']);
    const sizes = await Promise.all(
      (['high', 'standard'] as const).map(async (quality) => {
        const { mp3 } = await convert(noise, { quality });
        return (await stat(mp3)).size;
      }),
    );
    expect(sizes[0]).toBeGreaterThan((sizes[1] ?? 0) * 1.1);
  });

  it('a bitrate above the source’s is honoured, with a warning', async () => {
    const { mp3, warnings } = await convert(await sample('mp4-fast-start'), { bitrateKbps: 320 });
    expect(warnings).toEqual(['bitrate-above-source']);
    expect(await streamOf(mp3)).toContain('320 kb/s');
  });
});

describe('normalize', () => {
  it.each([
    ['quiet', 'anoisesrc=d=10:c=pink:a=0.02:r=44100', -16],
    ['loud', 'anoisesrc=d=10:c=pink:a=0.9:r=44100', -16],
    // One gain for all would drive the strokes over the ceiling.
    ['uneven', "aevalsrc='(0.05+0.6*exp(-20*mod(t,1)))*sin(2*PI*440*t)':s=44100:d=10", -16],
  ])('brings %s sound to −16 LUFS with peaks below −1 dBTP', async (name, source, lufs) => {
    const path = await made(`${name}.flac`, ['-f', 'lavfi', '-i', source]);
    const { mp3, made: done } = await convert(path, { normalize: true });
    expect(done).toMatchObject({ how: 'encoded', normalized: true });
    const loudness = await loudnessOf(mp3);
    expect(loudness.peakDb).toBeLessThanOrEqual(-1);
    expect(Math.abs(loudness.lufs - lufs)).toBeLessThan(1);
    expect(await streamOf(mp3)).toContain('44100 Hz');
  });

  it('keeps peaks below −1 dBTP even where that costs loudness', async () => {
    const clicks = "aevalsrc='0.03*sin(880*PI*t)+0.9*lt(mod(t,1),0.001)':s=44100:d=10";
    const path = await made('clicks.flac', ['-f', 'lavfi', '-i', clicks]);
    const { mp3 } = await convert(path, { normalize: true });
    const { lufs, peakDb } = await loudnessOf(mp3);
    expect(peakDb).toBeLessThanOrEqual(-1);
    expect(lufs).toBeGreaterThan((await loudnessOf(path)).lufs);
  });

  it('leaves silence silent, and as long as it was', async () => {
    const silence = await made('silence.flac', [
      '-f',
      'lavfi',
      '-i',
      'anullsrc=d=3:r=44100:cl=mono',
      '-t',
      '3',
    ]);
    const { mp3, durationSeconds } = await convert(silence, { normalize: true });
    expect(durationSeconds).toBeCloseTo(3, 3);
    expect((await decodedSound(mp3)).samples).toBe(3 * 44_100);
  });
});

describe('an MP3', () => {
  it('is copied frame by frame, with its silence known', async () => {
    const source = await sample('mp3');
    const { mp3, made, durationSeconds } = await convert(source, {});
    expect(made).toEqual({ how: 'copied' });
    expect(await decodedSound(mp3)).toEqual(await decodedSound(source));
    expect(durationSeconds).toBeCloseTo(5, 3);
    const hash = async (path: string) =>
      await ffmpeg(['-v', 'error', '-i', path, '-f', 'hash', '-hash', 'md5', join(folder, 'h')]);
    expect(await hash(mp3)).toBe(await hash(source));
  });

  it('in another container is copied too', async () => {
    const { mp3, made, durationSeconds } = await convert(await sample('avi'), {});
    expect(made).toEqual({ how: 'copied' });
    const decoded = await decodedSound(mp3);
    expect(durationSeconds).toBeCloseTo(decoded.samples / decoded.sampleRateHz, 3);
  });

  it('is encoded when something else is asked for', async () => {
    const { made } = await convert(await sample('mp3'), { bitrateKbps: 96 });
    expect(made).toEqual({ how: 'encoded', as: '96 kbit/s' });
  });
});

describe('tags', () => {
  it('are the source’s, and the owner’s where given', async () => {
    const video = await sample('tagged');
    const { mp3 } = await convert(video, { album: 'Mine' });
    const tags = await tagsOf(mp3);
    expect(tags).toMatch(/title +: Привет, мир/);
    expect(tags).toMatch(/artist +: Ada/);
    expect(tags).toMatch(/album +: Mine/);
    expect(tags).toMatch(/date +: 2024/);
  });

  it('have the name of the file where the source has no title', async () => {
    const { mp3 } = await convert(await sample('wav'), {}, 'My holiday.mov');
    expect(await tagsOf(mp3)).toMatch(/title +: My holiday\n/);
  });

  it('have the chapters of the part that is kept', async () => {
    const whole = await tagsOf((await convert(await sample('chapters'), {})).mp3);
    expect(whole.match(/#0:\d: start/g)).toHaveLength(2);
    const part = await convert(await sample('chapters'), { startSeconds: 2 });
    const tags = await tagsOf(part.mp3);
    expect(tags.match(/#0:\d: start/g)).toHaveLength(2);
    expect(tags).toContain('start 0.000000, end 0.500000');
  });

  it('have the cover when it is wanted', async () => {
    const covered = await sample('covered');
    expect(await tagsOf((await convert(covered, { cover: true })).mp3)).toContain('attached pic');
    expect(await tagsOf((await convert(covered, {})).mp3)).not.toContain('attached pic');
    for (const name of ['wav', 'mp4-fast-start'] as const) {
      const none = await convert(await sample(name), { cover: true });
      expect(none.warnings).toEqual([]);
      expect(await tagsOf(none.mp3)).not.toContain('attached pic');
    }
  });
});
