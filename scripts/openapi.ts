/** `npm run openapi`: writes openapi.json anew from the routes. A test compares the two. */
import { writeFileSync } from 'node:fs';
import { gatewayRoutes } from '../functions/gateway/routes.ts';
import { usersRoutes } from '../functions/users/routes.ts';
import packageJson from '../package.json' with { type: 'json' };
import { createOpenApiDocument } from '../src/http/openapi-document.ts';

const document = createOpenApiDocument([...usersRoutes, ...gatewayRoutes], packageJson.version);
writeFileSync(
  new URL('../openapi.json', import.meta.url),
  `${JSON.stringify(document, null, 2)}\n`,
);
