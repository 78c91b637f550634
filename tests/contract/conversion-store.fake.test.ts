import type { Conversion } from '../../src/domain/conversion.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';
import { conversionStoreContract } from './conversion-store.contract.ts';

const records = new Map<string, Conversion>();

conversionStoreContract('fake', {
  open: () => fakeConversionStore(records),
  async openGone() {
    const gone = fakeConversionStore();
    gone.breakDown();
    return gone;
  },
});
