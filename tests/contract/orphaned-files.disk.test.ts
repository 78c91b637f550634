import { join } from 'node:path';
import { createSqliteConversionStore } from '../../src/adapters/conversions/sqlite.ts';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { tempDir } from '../support/temp-dir.ts';
import { orphanedFilesContract } from './orphaned-files.contract.ts';

const folder = await tempDir('orphans');

orphanedFilesContract('disk', () => ({
  files: createDiskFileStore({ directory: join(folder, 'files') }),
  conversions: createSqliteConversionStore({ path: join(folder, 'conversions.sqlite') }),
}));
