import type { Conversion } from '../../src/domain/conversion.ts';
import type { Begun } from '../../src/domain/quota.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';
import { conversionStoreContract } from './conversion-store.contract.ts';

const records = new Map<string, Conversion>();
const begun = new Map<string, Begun>();

conversionStoreContract('fake', {
  open: () => fakeConversionStore(records, begun),
  async openGone() {
    const gone = fakeConversionStore();
    gone.breakDown();
    return gone;
  },
});
