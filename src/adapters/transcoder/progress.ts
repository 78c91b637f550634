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

/** What ffmpeg says of its output when it has ended; `undefined` until it does. */
export interface OutputEnd {
  /** `undefined`: there was none, or its size is not known. */
  readonly sizeBytes: number | undefined;
}

/** Reads the last block of `-progress`: `total_size=…`, and after all others `progress=end`. */
export function watchOutputEnd() {
  let sizeBytes: number | undefined;
  let end: OutputEnd | undefined;
  return {
    add(line: string): void {
      const size = /^total_size=(\d+|N\/A)$/.exec(line)?.[1];
      if (size !== undefined) sizeBytes = size === 'N/A' ? undefined : Number(size);
      if (line === 'progress=end') end = { sizeBytes };
    },
    end: () => end,
  };
}
