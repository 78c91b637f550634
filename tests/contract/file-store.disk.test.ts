import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { tempDir } from '../support/temp-dir.ts';
import { fileStoreContract } from './file-store.contract.ts';

const folder = await tempDir('disk');
const directory = join(folder, 'files');

fileStoreContract('disk', {
  open: () => createDiskFileStore({ directory }),
  async openGone() {
    const gone = createDiskFileStore({ directory: await mkdtemp(join(folder, 'gone-')) });
    await gone.ping();
    for (const name of await readdir(folder)) {
      if (name.startsWith('gone-')) await rm(join(folder, name), { recursive: true });
    }
    return gone;
  },
  async countStored() {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).length;
  },
  elsewhere: { store: 'disk', options: { directory } },
});
