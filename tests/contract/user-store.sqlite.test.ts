import { describe } from 'vitest';
import { tempDir } from '../support/temp-dir.ts';
import { sqliteUserStores } from '../support/user-stores.ts';
import { userStoreContract } from './user-store.contract.ts';

const directory = await tempDir('user-store');
describe('SQL UserStore on SQLite', () => userStoreContract(() => sqliteUserStores(directory)));
