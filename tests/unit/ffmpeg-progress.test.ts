import { describe, expect, it } from 'vitest';
import { splitLines } from '../../src/adapters/transcoder/lines.ts';
import { doneSeconds, fractionDone } from '../../src/adapters/transcoder/progress.ts';

describe('the progress of ffmpeg', () => {
  it('is its output time, in microseconds', () => {
    expect(doneSeconds('out_time_us=5591270')).toBe(5.59127);
    expect(doneSeconds('out_time_us=0\r')).toBe(0);
  });

  it.each(['out_time_us=N/A', 'out_time_us=-9223372036854775807', 'out_time_ms=1', 'progress=end'])(
    'is not told by %s',
    (line) => expect(doneSeconds(line)).toBeUndefined(),
  );

  it('is a fraction of the length when that is known, and never more than all', () => {
    expect(fractionDone(5, 20)).toBe(0.25);
    expect(fractionDone(21, 20)).toBe(1);
    expect(fractionDone(5, undefined)).toBeUndefined();
    expect(fractionDone(5, 0)).toBeUndefined();
  });
});

describe('lines', () => {
  it('are put together from pieces, wherever those are cut', () => {
    const text = 'one\n\ntwo, longer\nthree\nunfinished';
    for (let cut = 0; cut <= text.length; cut++) {
      const lines: string[] = [];
      const add = splitLines((line) => lines.push(line));
      add(text.slice(0, cut));
      add(text.slice(cut));
      expect(lines).toEqual(['one', '', 'two, longer', 'three']);
    }
  });

  it('are cut at a length, so that one without an end takes no memory', () => {
    const lines: string[] = [];
    const add = splitLines((line) => lines.push(line));
    for (let piece = 0; piece < 1_000; piece++) add('x'.repeat(1_000));
    add('\nnext\n');
    expect(lines.map((line) => line.length)).toEqual([4_096, 4]);
  });
});
