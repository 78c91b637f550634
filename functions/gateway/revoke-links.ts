import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { linksRevoked } from '../../src/domain/conversion.ts';
import type { Identity } from '../../src/domain/user.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import { showConversion } from './show-conversion.ts';

/**
 * Ends every link to the MP3 of one's own conversion that was given so far.
 *
 * @throws {Refused} `not-found`
 */
export async function revokeLinks(
  deps: { readonly conversions: ConversionStore; readonly clock: Clock },
  input: { readonly owner: Identity; readonly id: string },
): Promise<void> {
  const own = await showConversion(deps, input);
  await changeConversion(deps.conversions, own, (current) =>
    linksRevoked(current, deps.clock.now()),
  );
}
