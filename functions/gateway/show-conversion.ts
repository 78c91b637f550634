import type { Conversion } from '../../src/domain/conversion.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { Identity } from '../../src/domain/user.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';

/**
 * One's own conversion. Somebody else's is answered as if it were not there, so that nobody learns
 * which ids exist.
 *
 * @throws {Refused} `not-found`
 */
export async function showConversion(
  deps: { readonly conversions: ConversionStore },
  input: { readonly owner: Identity; readonly id: string },
): Promise<Conversion> {
  const conversion = await deps.conversions.find(input.id);
  const isTheirs = conversion?.owner.userId === input.owner.userId;
  if (conversion === undefined || !isTheirs || conversion.state === 'deleting') {
    throw new Refused('not-found', 'There is no such conversion.');
  }
  return conversion;
}
