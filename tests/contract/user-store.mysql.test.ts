import { describeWithServices } from '../support/services.ts';
import { mysqlUserStores } from '../support/user-stores.ts';
import { userStoreContract } from './user-store.contract.ts';

await describeWithServices('SQL UserStore on MySQL', ['mysql'], ({ mysql }) =>
  userStoreContract(() => mysqlUserStores(mysql)),
);
