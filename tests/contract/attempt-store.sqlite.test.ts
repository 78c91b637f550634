import { describe } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { sqliteUserStores } from '../support/user-stores.ts';
import { attemptStoreContract } from './attempt-store.contract.ts';

const directory = await tempDir('attempt-store');
describe('SQL AttemptStore on SQLite', () =>
  attemptStoreContract(() => sqliteUserStores(directory)));
