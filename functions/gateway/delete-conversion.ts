import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import type { Identity } from '../../src/domain/user.ts';
import { showConversion } from './show-conversion.ts';

/**
 * Removes one's own conversion with its video and MP3; a converter that is at it stops.
 *
 * @throws {Refused} `not-found`
 */
export async function deleteConversion(
  deps: Pick<SettleDeps, 'conversions' | 'files' | 'clock'>,
  input: { readonly owner: Identity; readonly id: string },
): Promise<void> {
  await showConversion(deps, input);
  await eraseConversion(deps, input.id);
}
