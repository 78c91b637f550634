import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';

/** The OpenAPI 3.1 document of the whole service, from the declarations that its routes are made of. */
export function createOpenApiDocument(routes: readonly RouteConfig[], version: string) {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `access_token` of `POST /api/v1/auth/token`.',
  });
  for (const route of routes) openAPIRegistry.registerPath(route);
  return getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Soundlift',
      version,
      description: 'Upload a video; an e-mail says when its sound is ready as an MP3.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    servers: [{ url: '/', description: 'This service' }],
    tags: [
      { name: 'files', description: 'Videos in, MP3s out' },
      { name: 'uploads', description: 'Large videos, in parts that can be resumed: tus 1.0' },
      { name: 'auth', description: 'Tokens' },
      { name: 'users', description: 'Accounts' },
      { name: 'service', description: 'The service itself' },
    ],
  });
}
