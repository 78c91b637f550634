/** Older than this says nothing about how it goes now. */
const WINDOW_MS = 8_000;
/** A shorter time says nothing yet. */
const SETTLED_MS = 1_000;

interface Reading {
  readonly atMs: number;
  readonly sentBytes: number;
}

/** How fast an upload is: of its last seconds, without what it had sent before. */
export interface Speedometer {
  add(reading: Reading): void;
  /** `undefined` as long as nobody can say. */
  bytesPerSecond(nowMs: number): number | undefined;
}

export function createSpeedometer(): Speedometer {
  let readings: Reading[] = [];
  return {
    add(reading) {
      const last = readings.at(-1);
      // What was under way is sent again after a break: count anew.
      if (last !== undefined && reading.sentBytes < last.sentBytes) readings = [];
      readings.push(reading);
      const isRecent = ({ atMs }: Reading) => reading.atMs - atMs <= WINDOW_MS;
      readings = readings.filter(isRecent);
    },
    bytesPerSecond(nowMs) {
      const [first] = readings;
      const last = readings.at(-1);
      if (first === undefined || last === undefined) return undefined;
      const elapsedMs = Math.max(nowMs, last.atMs) - first.atMs;
      if (elapsedMs < SETTLED_MS || last.sentBytes === first.sentBytes) return undefined;
      return ((last.sentBytes - first.sentBytes) / elapsedMs) * 1000;
    },
  };
}

/** @returns seconds; `undefined` when the speed is not known */
export function secondsLeft(leftBytes: number, bytesPerSecond: number | undefined) {
  return bytesPerSecond === undefined ? undefined : leftBytes / bytesPerSecond;
}
