import { describe, expect, test } from 'vitest';
import { diskFinding } from '../../scripts/ops/doctor/check-machine.ts';
import { asked } from '../../scripts/ops/doctor/finding.ts';

const GB = 1_000_000_000;

describe('the disk', () => {
  test.each([
    [2 * GB, 'ok'],
    [2 * GB - 1, 'warn'],
    [GB / 10, 'warn'],
    [GB / 10 - 1, 'fail'],
    [0, 'fail'],
  ])('with %i bytes free is %s', (freeBytes, level) => {
    const finding = diskFinding('/data', freeBytes);
    expect(finding).toMatchObject({ level, part: 'disk' });
    expect(finding.says).toMatch(/ free at \/data$/);
    expect(finding.todo !== undefined).toBe(level !== 'ok');
  });
});

describe('a clock', () => {
  const askedAt = (offsetMs: number) =>
    asked('MongoDB', 'Is it running?', async () => ({
      version: '8.0',
      time: new Date(Date.now() + offsetMs),
    }));

  test.each([
    [-3_600_000, '3600 s'],
    [86_400_000, '86400 s'],
    [-30_000, '30 s'],
  ])('that is %i ms off is said, with what to do', async (offsetMs, says) => {
    const [answer, clock, ...others] = await askedAt(offsetMs);
    expect(answer).toMatchObject({ level: 'ok', part: 'MongoDB' });
    expect(clock).toMatchObject({ level: 'warn', part: 'MongoDB' });
    expect(clock?.says).toContain(says);
    expect(clock?.todo).toContain('NTP');
    expect(others).toEqual([]);
  });

  test('that is nearly right is not', async () => {
    expect(await askedAt(1_000)).toHaveLength(1);
  });
});

describe('a part', () => {
  test('that fails is said by its innermost cause, with what to do', async () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const refuse = () => Promise.reject(new Error('unavailable', { cause }));
    expect(await asked('MongoDB', 'Is it running?', refuse)).toEqual([
      { level: 'fail', part: 'MongoDB', says: cause.message, todo: 'Is it running?' },
    ]);
  });
});
