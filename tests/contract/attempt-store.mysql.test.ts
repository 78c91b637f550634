import { describeWithServices } from '../support/services.ts';
import { mysqlUserStores } from '../support/user-stores.ts';
import { attemptStoreContract } from './attempt-store.contract.ts';

await describeWithServices('SQL AttemptStore on MySQL', ['mysql'], ({ mysql }) =>
  attemptStoreContract(() => mysqlUserStores(mysql)),
);
