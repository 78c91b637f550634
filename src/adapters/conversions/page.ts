import type { Conversion } from '../../domain/conversion.ts';
import type { ConversionPage } from '../../ports/conversion-store.ts';

/** Makes a page of what was found; one more than `limit` has to be asked for to know if it is the last. */
export function pageOf(found: Conversion[], limit: number): ConversionPage {
  const items = found.slice(0, limit);
  const next = found.length > limit ? items.at(-1)?.id : undefined;
  return next === undefined ? { items } : { items, next };
}
