import { describeWithServices } from '../support/services.ts';
import { mysqlUserStores } from '../support/user-stores.ts';
import { sessionStoreContract } from './session-store.contract.ts';

await describeWithServices('SQL SessionStore on MySQL', ['mysql'], ({ mysql }) =>
  sessionStoreContract(() => mysqlUserStores(mysql)),
);
