import { describe } from 'vitest';
import { fakeUserStores } from '../support/user-stores.ts';
import { sessionStoreContract } from './session-store.contract.ts';

describe('fake SessionStore', () => sessionStoreContract(fakeUserStores));
