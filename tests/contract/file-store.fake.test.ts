import { fakeFileStore } from '../support/fake-file-store.ts';
import { fileStoreContract } from './file-store.contract.ts';

const files = new Map<string, Uint8Array>();

fileStoreContract('fake', {
  open: () => fakeFileStore(files),
  async openGone() {
    const gone = fakeFileStore();
    gone.breakDown();
    return gone;
  },
  countStored: async () => files.size,
});
