import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { createSqliteConversionStore } from '../../src/adapters/conversions/sqlite.ts';
import { someConversion } from '../support/conversions.ts';
import { tempDir } from '../support/temp-dir.ts';
import { conversionStoreContract } from './conversion-store.contract.ts';

const folder = await tempDir('sqlite');
const path = join(folder, 'conversions.sqlite');

conversionStoreContract('sqlite', {
  open: () => createSqliteConversionStore({ path }),
  async openGone() {
    const damaged = join(folder, 'damaged.sqlite');
    await writeFile(damaged, 'not a database'.repeat(100));
    return createSqliteConversionStore({ path: damaged });
  },
});

it('is unavailable when another process holds the file for too long', async () => {
  const held = join(folder, 'held.sqlite');
  const store = createSqliteConversionStore({ path: held, timeoutMs: 50 });
  await store.ping();
  const other = new DatabaseSync(held);
  other.exec('BEGIN IMMEDIATE');
  await expect(store.create(someConversion())).rejects.toMatchObject({ code: 'unavailable' });
  other.exec('COMMIT');
  await store.create(someConversion());
  other.close();
  await store.dispose();
});

it('opens a file as soon as another process lets go of it', async () => {
  const held = join(folder, 'new.sqlite');
  const other = new DatabaseSync(held);
  other.exec('BEGIN EXCLUSIVE');
  const store = createSqliteConversionStore({ path: held, timeoutMs: 50 });
  await expect(store.ping()).rejects.toMatchObject({ code: 'unavailable' });
  other.close();
  await store.ping();
  await store.dispose();
});
