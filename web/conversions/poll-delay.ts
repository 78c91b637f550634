const SHORTEST_MS = 1_000;
const LONGEST_MS = 15_000;

/**
 * When to ask again: soon after something has changed, and later each time that nothing has.
 *
 * @param unchanged how often in a row nothing had changed
 */
export function pollDelayMs(unchanged: number): number {
  return Math.min(LONGEST_MS, Math.round(SHORTEST_MS * 1.5 ** Math.max(0, unchanged)));
}
