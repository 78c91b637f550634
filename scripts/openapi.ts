/** `npm run openapi`: writes openapi.json anew from the routes, and the page’s types from it. Tests compare them. */
import { writeFileSync } from 'node:fs';
import { gatewayRoutes } from '../functions/gateway/routes.ts';
import { usersRoutes } from '../functions/users/routes.ts';
import packageJson from '../package.json' with { type: 'json' };
import { createOpenApiDocument } from '../src/http/openapi-document.ts';
import { apiTypes } from './page/api-types.ts';

const document = createOpenApiDocument([...usersRoutes, ...gatewayRoutes], packageJson.version);
writeFileSync(
  new URL('../openapi.json', import.meta.url),
  `${JSON.stringify(document, null, 2)}\n`,
);

writeFileSync(
  new URL('../web/api/schema.ts', import.meta.url),
  apiTypes(JSON.parse(JSON.stringify(document))),
);
