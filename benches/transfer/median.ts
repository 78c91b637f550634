/** @throws {Error} when there is nothing to take it of */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.floor(sorted.length / 2)];
  if (low === undefined || high === undefined) throw new Error('nothing was measured');
  return (low + high) / 2;
}
