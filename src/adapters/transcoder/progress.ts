const MICROSECONDS_PER_SECOND = 1_000_000;

/**
 * How much sound a line of ffmpeg's `-progress` output says is done, in seconds; `undefined` when
 * the line says something else. (`out_time_ms` is in microseconds too, and says the same.)
 */
export function doneSeconds(line: string): number | undefined {
  const microseconds = /^out_time_us=(\d+)\s*$/.exec(line)?.[1];
  return microseconds === undefined ? undefined : Number(microseconds) / MICROSECONDS_PER_SECOND;
}

/** The part that is done, 0–1, when the whole is known. */
export function fractionDone(done: number, durationSeconds: number | undefined) {
  if (durationSeconds === undefined || durationSeconds === 0) return undefined;
  return Math.min(1, done / durationSeconds);
}
