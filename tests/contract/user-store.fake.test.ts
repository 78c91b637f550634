import { describe } from 'vitest';
import { fakeUserStores } from '../support/user-stores.ts';
import { userStoreContract } from './user-store.contract.ts';

describe('fake UserStore', () => userStoreContract(fakeUserStores));
