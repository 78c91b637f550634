import { retryConversion } from '../../src/conversions/retry-conversion.ts';
import type { Stores } from './stores.ts';

/** `ops retry <conversion>`. @returns 1 when there was nothing to try again */
export async function retry(stores: Stores, id: string): Promise<number> {
  const { isRetried, effect } = await retryConversion(stores, id);
  console.log(`${id}: ${effect}.`);
  console.log(`See how it goes: npm run ops -- conversion ${id}`);
  return isRetried ? 0 : 1;
}
