/** Columns that are as wide as their widest cell; the last one is not filled up. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `5 s`, `3 min`, `2 h` or `4 d`, rounded down. */
export function duration(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
  ] as const;
  for (const [unit, unitMs] of units) {
    if (ms >= 2 * unitMs) return `${Math.floor(ms / unitMs)} ${unit}`;
  }
  return `${Math.floor(ms / 1_000)} s`;
}

/** `7 bytes`, `1.4 MB`. */
export function size(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 'bytes';
  for (const next of units) {
    if (value < 1_000) break;
    value /= 1_000;
    unit = next;
  }
  return unit === 'bytes' ? `${value} bytes` : `${value.toFixed(1)} ${unit}`;
}
