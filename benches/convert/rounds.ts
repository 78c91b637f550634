import type { Measure, Result } from './measure.ts';
import type { Medium } from './media.ts';
import type { PreparedConversion, Variant } from './variants.ts';

/** Converts every medium in every way, so many times, and tells how it goes on standard error. */
export async function measureRounds(
  rounds: number,
  media: readonly Medium[],
  variants: readonly Variant[],
  signal: AbortSignal,
): Promise<Result[]> {
  const measures = new Map<string, Measure[]>();
  const keyOf = (medium: Medium, variant: Variant) => `${medium.name} ${variant.name}`;
  for (let round = 0; round < rounds; round += 1) {
    for (const medium of media) {
      const taken = await measureOnce(medium, rotated(variants, round), signal);
      for (const [variant, measure] of taken) {
        const key = keyOf(medium, variant);
        measures.set(key, [...(measures.get(key) ?? []), measure]);
      }
      console.error(`round ${round + 1} of ${rounds}, ${medium.name}: ${progressOf(taken)}`);
    }
  }
  return media.flatMap((medium) =>
    variants.map((variant) => ({
      medium: medium.name,
      variant: variant.name,
      sizeBytes: medium.sizeBytes,
      measures: measures.get(keyOf(medium, variant)) ?? [],
    })),
  );
}

/** First all uploads and starts, then one conversion after the other: nothing else is at work then. */
async function measureOnce(
  medium: Medium,
  variants: readonly Variant[],
  signal: AbortSignal,
): Promise<Map<Variant, Measure>> {
  await using preparations = new AsyncDisposableStack();
  const prepared = new Map<Variant, PreparedConversion>();
  for (const variant of variants) {
    prepared.set(variant, preparations.use(await variant.prepare(medium, signal)));
  }
  const taken = new Map<Variant, Measure>();
  for (const [variant, conversion] of prepared) {
    signal.throwIfAborted();
    taken.set(variant, await conversion.measure());
  }
  return taken;
}

/** Whoever always came first would always find the machine as the uploads have left it. */
function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function progressOf(taken: ReadonlyMap<Variant, Measure>): string {
  return [...taken]
    .map(([{ name }, { wallMs }]) => `${name} ${(wallMs / 1_000).toFixed(2)} s`)
    .join(', ');
}
