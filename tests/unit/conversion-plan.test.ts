import { describe, expect, it } from 'vitest';
import {
  gainFor,
  hasEndedEarly,
  planConversion,
  refinedGain,
} from '../../src/adapters/transcoder/conversion-plan.ts';

const MP3 = { audioCodec: 'mp3', bitrateKbps: 128, durationSeconds: 100 };
const AAC = { audioCodec: 'aac', bitrateKbps: 128, durationSeconds: 100 };

describe('what is done to the sound', () => {
  it('is nothing, when it is MP3 and wanted as it is', () => {
    expect(planConversion(MP3, {}).made).toEqual({ how: 'copied' });
    expect(planConversion(MP3, { title: 'A', cover: true, track: 1 }).made.how).toBe('copied');
    expect(planConversion(MP3, { mono: false, normalize: false }).made.how).toBe('copied');
  });

  it.each([
    { bitrateKbps: 128 },
    { quality: 'standard' as const },
    { mono: true },
    { startSeconds: 0 },
    { endSeconds: 10 },
    { normalize: true },
  ])('is an encoding, when MP3 is wanted with %j', (options) => {
    expect(planConversion(MP3, options).made.how).toBe('encoded');
  });

  it.each([
    [{}, 'V2'],
    [{ quality: 'high' as const }, 'V0'],
    [{ quality: 'voice' as const }, '64 kbit/s'],
    [{ bitrateKbps: 192 }, '192 kbit/s'],
  ])('is named, with %j', (options, as) => {
    expect(planConversion(AAC, options).made).toMatchObject({ how: 'encoded', as });
  });
});

describe('a bitrate', () => {
  it('above the source’s is honoured and said to be pointless', () => {
    expect(planConversion(AAC, { bitrateKbps: 320 }).warnings).toEqual(['bitrate-above-source']);
    expect(planConversion(AAC, { bitrateKbps: 128 }).warnings).toEqual([]);
  });

  it('of which the source says nothing is not judged', () => {
    expect(planConversion({ audioCodec: 'flac' }, { bitrateKbps: 320 }).warnings).toEqual([]);
  });
});

describe('the length of the MP3', () => {
  it.each([
    [{}, 100],
    [{ startSeconds: 10 }, 90],
    [{ endSeconds: 30 }, 30],
    [{ startSeconds: 10, endSeconds: 30 }, 20],
    [{ startSeconds: 90, endSeconds: 300 }, 10],
    [{ startSeconds: 200 }, 0],
  ])('is known before, with %j', (options, durationSeconds) => {
    expect(planConversion(AAC, options)).toMatchObject({ durationSeconds });
  });

  it('is unknown where the source does not say it', () => {
    expect(planConversion({}, {}).durationSeconds).toBeUndefined();
    expect(planConversion({}, { startSeconds: 2, endSeconds: 5 }).durationSeconds).toBe(3);
  });
});

describe('the gain', () => {
  it('brings the sound to −16 LUFS', () => {
    expect(gainFor({ integratedLufs: -23, truePeakDbfs: -10 })).toEqual({ gainDb: 7 });
    expect(gainFor({ integratedLufs: -10, truePeakDbfs: 0 })).toEqual({ gainDb: -6 });
  });

  it('is held below the ceiling where peaks would go through it', () => {
    const gain = gainFor({ integratedLufs: -23, truePeakDbfs: -3 });
    expect(gain).toEqual({ gainDb: 7, limitDbfs: -2.5 });
  });

  it('makes up for what the limiter took away', () => {
    const gain = { gainDb: 7, limitDbfs: -2.5 };
    expect(refinedGain(gain, { integratedLufs: -17.5 })).toEqual({ gainDb: 8.5, limitDbfs: -2.5 });
  });

  it('does not make a sound of silence', () => {
    expect(gainFor({ integratedLufs: -70, truePeakDbfs: -Infinity })).toEqual({ gainDb: 0 });
    expect(gainFor({ integratedLufs: -60, truePeakDbfs: -50 })).toEqual({ gainDb: 40 });
  });
});

describe('a source that ended early', () => {
  const MP4 = { container: 'mov,mp4,m4a,3gp,3g2,mj2' };
  const tenSeconds = { durationSeconds: 10 };

  it('is one whose sound is shorter than declared, and that says that it is cut off', () => {
    const damaged = { isDamaged: true };
    expect(hasEndedEarly(MP4, tenSeconds, damaged, 5)).toBe(true);
    expect(hasEndedEarly(MP4, tenSeconds, damaged, 9.5)).toBe(false);
    expect(hasEndedEarly(MP4, {}, damaged, 5)).toBe(false);
  });

  it('is not one whose pictures last longer than its sound', () => {
    expect(hasEndedEarly(MP4, tenSeconds, { isDamaged: false }, 5)).toBe(false);
  });

  it('need not say so where the container never does', () => {
    expect(hasEndedEarly({ container: 'flv' }, tenSeconds, { isDamaged: false }, 5)).toBe(true);
  });
});
