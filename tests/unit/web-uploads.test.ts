import { describe, expect, it, test } from 'vitest';
import { parseUploadLimit } from '../../web/uploads/limits.ts';
import {
  forNextDrop,
  NO_OPTIONS,
  optionFault,
  parseClock,
  toMetadata,
} from '../../web/uploads/options.ts';
import { createSpeedometer, secondsLeft } from '../../web/uploads/speedometer.ts';

describe('the speed of an upload', () => {
  it('is that of its last seconds, and unknown before one second is over', () => {
    const speedometer = createSpeedometer();
    speedometer.add({ atMs: 0, sentBytes: 0 });
    expect(speedometer.bytesPerSecond(500)).toBeUndefined();
    speedometer.add({ atMs: 2_000, sentBytes: 4_000 });
    expect(speedometer.bytesPerSecond(2_000)).toBe(2_000);
    speedometer.add({ atMs: 12_000, sentBytes: 14_000 });
    speedometer.add({ atMs: 14_000, sentBytes: 15_000 });
    expect(speedometer.bytesPerSecond(14_000)).toBe(500);
    expect(secondsLeft(1_000, 500)).toBe(2);
  });

  it('is counted anew when what was under way is sent again', () => {
    const speedometer = createSpeedometer();
    speedometer.add({ atMs: 0, sentBytes: 0 });
    speedometer.add({ atMs: 2_000, sentBytes: 4_000 });
    speedometer.add({ atMs: 3_000, sentBytes: 1_000 });
    expect(speedometer.bytesPerSecond(3_000)).toBeUndefined();
    expect(secondsLeft(1_000, undefined)).toBeUndefined();
  });
});

test('the size of a part is what the server says, and 4 MiB where it says nothing', () => {
  expect(parseUploadLimit('max-size=5368709120, max-append-size=1048576, max-age=86400')).toEqual({
    maxUploadBytes: 5_368_709_120,
    partBytes: 1_048_576,
  });
  expect(parseUploadLimit(null)).toEqual({ maxUploadBytes: undefined, partBytes: 4_194_304 });
  expect(parseUploadLimit('max-append-size=0').partBytes).toBe(4_194_304);
});

describe('options', () => {
  test.each([
    ['', undefined],
    ['90', 90],
    ['1:30', 90],
    ['1:02:03.5', 3723.5],
    ['1:02:03,5', 3723.5],
  ])('“%s” is %s seconds', (text, seconds) => {
    expect(parseClock(text)).toBe(seconds);
  });

  test.each(['x', '1:60', '1:2:3:4', '-1', '1:'])('“%s” is no time', (text) => {
    expect(parseClock(text)).toBeNaN();
  });

  it('are sent only where they say something', () => {
    expect(toMetadata(NO_OPTIONS)).toEqual({});
    const asked = { ...NO_OPTIONS, start: '0:00', end: '1:00', normalize: true, title: ' A ' };
    expect(toMetadata(asked)).toEqual({ end: '60', normalize: 'true', title: 'A' });
    expect(toMetadata({ ...NO_OPTIONS, quality: 'voice' })).toEqual({ quality: 'voice' });
    expect(toMetadata({ ...NO_OPTIONS, quality: 'fixed' })).toEqual({ bitrate: '192' });
  });

  it('are refused where the end is not after the beginning', () => {
    expect(optionFault({ ...NO_OPTIONS, start: '1:00', end: '60' })).toBe('end-before-start');
    expect(optionFault({ ...NO_OPTIONS, end: '0' })).toBe('end-before-start');
    expect(optionFault({ ...NO_OPTIONS, start: 'a' })).toBe('start-unreadable');
    expect(optionFault({ ...NO_OPTIONS, end: 'a' })).toBe('end-unreadable');
    expect(optionFault(NO_OPTIONS)).toBeUndefined();
  });

  it('keep what one likes for the next files, and not what was about these', () => {
    const chosen = { ...NO_OPTIONS, quality: 'high', start: '1', title: 'A', mono: true } as const;
    expect(forNextDrop(chosen)).toEqual({ ...NO_OPTIONS, quality: 'high', mono: true });
  });
});
