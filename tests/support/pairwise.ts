type Combination = Readonly<Record<string, string | number>>;

/**
 * A few of the combinations that together hold every pair of values which any of them holds: most
 * faults need no more than two particular values to meet. Greedy, and the same at every run.
 */
export function pairwise<C extends Combination>(combinations: readonly C[]): C[] {
  const missing = new Set(combinations.flatMap(pairsOf));
  const gain = (combination: C) => pairsOf(combination).filter((pair) => missing.has(pair)).length;
  const chosen: C[] = [];
  while (missing.size > 0) {
    const best = combinations.reduce((best, other) => (gain(other) > gain(best) ? other : best));
    for (const pair of pairsOf(best)) missing.delete(pair);
    chosen.push(best);
  }
  return chosen;
}

function pairsOf(combination: Combination): string[] {
  const values = Object.entries(combination).map(([dimension, value]) => `${dimension} ${value}`);
  return values.flatMap((value, index) =>
    values.slice(index + 1).map((other) => `${value}, ${other}`),
  );
}
