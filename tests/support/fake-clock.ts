import type { Clock } from '../../src/ports/clock.ts';

export interface FakeClock extends Clock {
  set(now: Date): void;
  advance(byMs: number): void;
}

/** Stands still until a test moves it. */
export function fakeClock(start = new Date('2026-11-24T12:00:00.000Z')): FakeClock {
  let nowMs = start.getTime();
  return {
    now: () => new Date(nowMs),
    set: (now) => {
      nowMs = now.getTime();
    },
    advance: (byMs) => {
      nowMs += byMs;
    },
  };
}
