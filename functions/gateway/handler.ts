import { composeGateway, loadSettings } from '../../src/compose.ts';
import { gatewayConfig } from '../../src/config.ts';
import { createHttpHandler } from '../../src/lambda/http.ts';
import { wrap } from '../../src/lambda/wrap.ts';
import { createGatewayApp, type GatewayDeps } from './app.ts';

/** HTTP API: everything but what *users* answers. */
export const createHandler = (deps: GatewayDeps) =>
  createHttpHandler(createGatewayApp(deps), deps.logger);

export const handler = wrap(async () =>
  createHandler(await composeGateway(await loadSettings(gatewayConfig))),
);
