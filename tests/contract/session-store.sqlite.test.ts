import { describe } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { sqliteUserStores } from '../support/user-stores.ts';
import { sessionStoreContract } from './session-store.contract.ts';

const directory = await tempDir('session-store');
describe('SQL SessionStore on SQLite', () =>
  sessionStoreContract(() => sqliteUserStores(directory)));
