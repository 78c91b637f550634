import { Unavailable } from '../../src/domain/errors.ts';
import type { AttemptStore } from '../../src/ports/attempt-store.ts';

/** Counts in memory. With `answers: false` every call fails as if the database did not answer. */
export function fakeAttemptStore({ answers = true } = {}): AttemptStore {
  const rows = new Map<string, { made: number; endsAt: Date }>();

  function expectAnswer(): void {
    if (!answers) throw new Unavailable('users');
  }

  return {
    async take(limits, now) {
      expectAnswer();
      for (const { key, max, windowMs } of limits) {
        const found = rows.get(key);
        const begun = { made: 0, endsAt: new Date(now.getTime() + windowMs) };
        const row = found && found.endsAt > now ? found : begun;
        row.made += 1;
        rows.set(key, row);
        if (row.made > max) return row.endsAt;
      }
      return undefined;
    },
    async clear(keys) {
      expectAnswer();
      for (const key of keys) rows.delete(key);
    },
    async note(key, until) {
      expectAnswer();
      rows.set(key, { made: 0, endsAt: until });
    },
    async isNoted(key, now) {
      expectAnswer();
      const found = rows.get(key);
      return found !== undefined && found.endsAt > now;
    },
  };
}
