import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AttemptLimit } from '../../src/ports/attempt-store.ts';
import type { UserStoresFixture } from '../support/user-stores.ts';

const NOW = new Date('2026-05-04T10:00:00.123Z');
const later = (delayMs: number) => new Date(NOW.getTime() + delayMs);
const limit = (key: string, max = 2, windowMs = 1_000): AttemptLimit => ({ key, max, windowMs });

/** The promises of `AttemptStore`. */
export function attemptStoreContract(prepare: () => Promise<UserStoresFixture>): void {
  let fixture: UserStoresFixture;

  beforeEach(async () => {
    fixture = await prepare();
  });
  afterEach(() => fixture.remove());

  test('lets as many through as the limit says, and says when the next one may come', async () => {
    const { attempts } = fixture.open();
    expect(await attempts.take([limit('a')], NOW)).toBeUndefined();
    expect(await attempts.take([limit('a')], later(400))).toBeUndefined();
    expect(await attempts.take([limit('a')], later(800))).toEqual(later(1_000));
    expect(await attempts.take([limit('a')], later(999))).toEqual(later(1_000));
    expect(await attempts.take([limit('b')], later(800))).toBeUndefined();
  });

  test('begins anew when the window has ended', async () => {
    const { attempts } = fixture.open();
    for (let attempt = 0; attempt < 5; attempt += 1) await attempts.take([limit('a')], NOW);
    expect(await attempts.take([limit('a')], later(1_000))).toBeUndefined();
    expect(await attempts.take([limit('a')], later(1_500))).toBeUndefined();
    expect(await attempts.take([limit('a')], later(1_999))).toEqual(later(2_000));
  });

  test('counts no further than to the first limit that is exceeded', async () => {
    const { attempts } = fixture.open();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await attempts.take([limit('narrow', 1), limit('wide', 2)], NOW);
    }
    expect(await attempts.take([limit('wide', 2)], NOW)).toBeUndefined();
    expect(await attempts.take([limit('wide', 2)], NOW)).toEqual(later(1_000));
  });

  test('lets no more through than the limit when many come at once, of several processes', async () => {
    const stores = [fixture.open(), fixture.open()];
    const limits = [limit('address', 100), limit('account', 7)];
    const taken = Array.from({ length: 25 }, () =>
      stores.map(({ attempts }) => attempts.take(limits, NOW)),
    );
    const again = await Promise.all(taken.flat());
    expect(again.filter((date) => date === undefined)).toHaveLength(7);
  });

  test('forgets the counts that it is told to, and no others', async () => {
    const { attempts } = fixture.open();
    for (const key of ['a', 'b']) await attempts.take([limit(key, 1)], NOW);
    await attempts.clear(['a', 'c']);
    expect(await attempts.take([limit('a', 1)], NOW)).toBeUndefined();
    expect(await attempts.take([limit('b', 1)], NOW)).toEqual(later(1_000));
  });

  test('keeps a note until its time, and the later one of two', async () => {
    const { attempts } = fixture.open();
    expect(await attempts.isNoted('a', NOW)).toBe(false);
    await attempts.note('a', later(10));
    await attempts.note('a', later(20));
    await attempts.take([limit('b')], later(19));
    expect(await fixture.open().attempts.isNoted('a', later(19))).toBe(true);
    expect(await attempts.isNoted('a', later(20))).toBe(false);
  });

  test('rejects with Unavailable when the database does not answer', async () => {
    const { attempts } = fixture.openUnanswered();
    const unavailable = { code: 'unavailable', part: 'users', retry: 'later' };
    await expect(attempts.take([limit('a')], NOW)).rejects.toMatchObject(unavailable);
    await expect(attempts.clear(['a'])).rejects.toMatchObject(unavailable);
    await expect(attempts.note('a', NOW)).rejects.toMatchObject(unavailable);
    await expect(attempts.isNoted('a', NOW)).rejects.toMatchObject(unavailable);
  });
}
