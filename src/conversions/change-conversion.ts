import type { Conversion } from '../domain/conversion.ts';
import { Refused } from '../domain/errors.ts';
import type { ConversionStore } from '../ports/conversion-store.ts';

/** Concurrent changes to one conversion are few: who loses this often in a row is in a live-lock. */
const MAX_TRIES = 10;

/**
 * Applies a transition of domain/conversion.ts to the stored record, again from the newest revision
 * when somebody else was faster. A transition that returns its argument changes nothing.
 *
 * @param of the id, or the record as it was read before: then it is not read again unless it has changed
 * @returns the record as it is stored now
 * @throws {Refused} `not-found` when there is no such record, and whatever the transition throws
 */
export async function changeConversion(
  conversions: ConversionStore,
  of: string | Conversion,
  transition: (conversion: Conversion) => Conversion,
): Promise<Conversion> {
  if (typeof of === 'object') {
    const next = attempt(transition, of);
    if (next !== undefined && (await conversions.replace(next))) return next;
  }
  const id = typeof of === 'object' ? of.id : of;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const current = await conversions.find(id);
    if (current === undefined) throw new Refused('not-found', 'there is no such conversion');
    const next = transition(current);
    if (next === current || (await conversions.replace(next))) return next;
  }
  throw new Error(`conversion ${id} was changed by others ${MAX_TRIES} times in a row`);
}

/** What is refused, or not changed, by an old record is no answer: the newest may say otherwise. */
function attempt(
  transition: (conversion: Conversion) => Conversion,
  known: Conversion,
): Conversion | undefined {
  try {
    const next = transition(known);
    return next === known ? undefined : next;
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}
