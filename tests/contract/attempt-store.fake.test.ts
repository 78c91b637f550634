import { describe } from 'vitest';
import { fakeUserStores } from '../support/user-stores.ts';
import { attemptStoreContract } from './attempt-store.contract.ts';

describe('fake AttemptStore', () => attemptStoreContract(fakeUserStores));
