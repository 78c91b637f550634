import { composeUsers, loadSettings } from '../../src/compose.ts';
import { usersConfig } from '../../src/config.ts';
import { createHttpHandler } from '../../src/lambda/http.ts';
import { wrap } from '../../src/lambda/wrap.ts';
import { createUsersApp, type UsersDeps } from './app.ts';

/** HTTP API: accounts and tokens. */
export const createHandler = (deps: UsersDeps) =>
  createHttpHandler(createUsersApp(deps), deps.logger);

export const handler = wrap(async () =>
  createHandler(await composeUsers(await loadSettings(usersConfig))),
);
