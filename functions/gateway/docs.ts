import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import openApiDocument from '../../openapi.json' with { type: 'json' };
import { Refused } from '../../src/domain/errors.ts';
import type { Api } from '../../src/http/api.ts';

/** Swagger UI's own files, from its package: nothing comes from elsewhere. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Soundlift API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true });
`;

/** Swagger UI writes style attributes and uses data: images; scripts come from here alone. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** `/openapi.json`, and `/docs` which shows it. */
export function addDocs(api: Api): void {
  api.get('/openapi.json', (context) => context.json(openApiDocument));
  api.get('/docs', (context) => {
    context.header('content-security-policy', CONTENT_SECURITY_POLICY);
    return context.html(PAGE);
  });
  api.get('/docs/start.js', (context) => {
    return context.body(START, 200, { 'content-type': 'text/javascript; charset=utf-8' });
  });
  api.get('/docs/:asset', async (context) => {
    const asset = context.req.param('asset');
    const type = Object.hasOwn(ASSETS, asset) ? ASSETS[asset] : undefined;
    if (type === undefined) throw new Refused('not-found', 'There is nothing at this address.');
    const content = await readFile(join(assetDirectory(), asset), 'utf8');
    return context.body(content, 200, { 'content-type': type, 'cache-control': 'max-age=3600' });
  });
}

/** The package is shipped beside the bundle, which on every host is where the process starts. */
function assetDirectory(): string {
  return join(process.cwd(), 'node_modules', 'swagger-ui-dist');
}
