import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { problemOf } from '../../web/api/problem.ts';
import { failureText, warningTexts } from '../../web/conversions/reasons.ts';
import { problemText } from '../../web/page/problem-text.ts';
import { stripHeights } from '../../web/page/strip-heights.ts';
import { peaksOf } from '../../web/player/peaks.ts';
import { seekBy } from '../../web/player/seek-by.ts';
import { formFaults } from '../../web/session/form-faults.ts';
import { en } from '../../web/words/en.ts';
import {
  formatBytes,
  formatClock,
  formatDistance,
  formatSpeed,
  formatSpokenDuration,
  formatTimeLeft,
} from '../../web/words/formats.ts';
import { chooseLanguage } from '../../web/words/language.ts';
import { plural } from '../../web/words/plural.ts';
import { ru } from '../../web/words/ru.ts';

describe('the words', () => {
  it('are of the language that was chosen, or of the first one that the page speaks', () => {
    expect(chooseLanguage(['de-DE', 'ru-RU', 'en'], null)).toBe('ru');
    expect(chooseLanguage(['ru'], 'en')).toBe('en');
    expect(chooseLanguage(['de'], null)).toBe('en');
  });

  it('have forms of number', () => {
    const forms = { one: '# файл', few: '# файла', many: '# файлов', other: '# файла' };
    const said = [1, 2, 5, 11, 21, 22].map((count) => plural('ru', count, forms));
    expect(said).toEqual(['1 файл', '2 файла', '5 файлов', '11 файлов', '21 файл', '22 файла']);
    expect(en.heardUploadBegun(1)).toBe('Upload of 1 file has begun.');
  });

  it('say something about every failure and every warning that docs name', () => {
    const failures = readFileSync('docs/api.md', 'utf8').split('codes of its own')[1] ?? '';
    for (const [, code] of failures.matchAll(/^\| `([a-z-]+)`/gm)) {
      expect(failureText(en, code), code).not.toBe(en.failureOther);
      expect(failureText(ru, code), code).not.toBe(ru.failureOther);
    }
    const warnings = readFileSync('src/domain/media.ts', 'utf8').split('type Warning')[1] ?? '';
    for (const [, warning = ''] of warnings.matchAll(/\| '([a-z-]+)'/g)) {
      expect(warningTexts(en, [warning]), warning).toHaveLength(1);
    }
  });

  it('say what to do where a problem is not known', () => {
    expect(problemText(en, problemOf(401, { code: 'invalid-credentials' }))).toMatch(/wrong/);
    expect(problemText(en, problemOf(502, '<html>'))).toBe(en.problem.unavailable);
    expect(problemText(ru, new Error('no'))).toBe(ru.problemOther);
  });

  it('say what is wrong with a form before it is sent', () => {
    const form = { email: 'ada', password: 'short', fullName: ' ' };
    expect(Object.keys(formFaults(en, form, true))).toEqual(['fullName', 'email', 'password']);
    expect(Object.keys(formFaults(en, form, false))).toEqual(['email']);
    const long = { email: 'a@b', password: 'ы'.repeat(40), fullName: 'Ada' };
    expect(formFaults(en, long, true)).toEqual({ password: en.passwordTooLong });
  });
});

test('figures are written as the language has them', () => {
  expect(formatBytes('en', 7_340_032)).toBe('7.3 MB');
  expect(formatBytes('en', 34)).toBe('34 bytes');
  expect(formatBytes('ru', 5_368_709_120)).toBe('5,4 ГБ');
  expect(formatSpeed('en', 2_400_000)).toBe('2.4 MB/s');
  expect([0, 65, 3_723].map(formatClock)).toEqual(['0:00', '1:05', '1:02:03']);
  expect(formatSpokenDuration('en', 185)).toBe('3 minutes, 5 seconds');
  expect(formatTimeLeft('en', 0.4)).toBe('1 sec');
  expect(formatTimeLeft('en', 150)).toBe('3 min');
  const now = new Date('2026-11-27T10:00:00Z');
  expect(formatDistance('en', new Date('2026-12-04T10:00:00Z'), now)).toBe('in 7 days');
});

test('a file has always the same strip, and another one another', () => {
  expect(stripHeights('a')).toEqual(stripHeights('a'));
  expect(stripHeights('a')).not.toEqual(stripHeights('b'));
  expect(stripHeights('a').every((height) => height >= 0.12 && height <= 1)).toBe(true);
});

test('a waveform is as high as the loudest of each part', () => {
  const samples = Float32Array.from([0, 0.5, -0.25, 0, 0.1, 0]);
  expect(peaksOf(samples, 3)).toEqual([1, 0.5, expect.closeTo(0.2)]);
  expect(peaksOf(new Float32Array(4), 2)).toEqual([0, 0]);
});

test('keys move through the sound, and not beyond it', () => {
  expect(seekBy('ArrowRight', 3, 60)).toBe(8);
  expect(seekBy('ArrowLeft', 3, 60)).toBe(0);
  expect(seekBy('PageUp', 58, 60)).toBe(60);
  expect(seekBy('Tab', 3, 60)).toBeUndefined();
});
