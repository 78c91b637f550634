import { createRoute, z } from '@hono/zod-openapi';
import { jsonAnswer } from '../../src/http/json-answer.ts';
import { problems } from '../../src/http/problem-responses.ts';
import * as examples from './examples.ts';
import { accessTokenSchema, signInBody } from './schemas.ts';

const tags = ['auth'];

/** The browser keeps it, and sends it to these addresses alone. */
const setsCookie = {
  'Set-Cookie': { schema: { type: 'string' as const }, example: examples.sessionCookie },
};

const sameOrigin = 'Refused when `Sec-Fetch-Site` says that another site’s page asks.';

export const beginSessionRoute = createRoute({
  operationId: 'beginSession',
  method: 'post',
  path: '/api/v1/auth/session',
  tags,
  security: [],
  summary: 'Sign in on a page: the refresh token comes as a cookie that no script can read',
  description: sameOrigin,
  request: { body: { required: true, content: { 'application/json': { schema: signInBody } } } },
  responses: {
    200: {
      ...jsonAnswer(accessTokenSchema, 'Signed in.', examples.accessToken),
      headers: setsCookie,
    },
    ...problems(400, 'invalid-credentials', 'not-allowed', 413, 422, 'too-many-attempts'),
  },
});

export const renewSessionRoute = createRoute({
  operationId: 'renewSession',
  method: 'post',
  path: '/api/v1/auth/session/refresh',
  tags,
  security: [],
  summary: 'A new access token for the cookie, and a new cookie',
  description: `${sameOrigin} A cookie that was replaced in the last ten seconds is good once more.`,
  responses: {
    200: {
      ...jsonAnswer(accessTokenSchema, 'Renewed.', examples.accessToken),
      headers: setsCookie,
    },
    ...problems(401, 'not-allowed'),
  },
});

export const endSessionRoute = createRoute({
  operationId: 'endSession',
  method: 'delete',
  path: '/api/v1/auth/session',
  tags,
  security: [],
  summary: 'Sign out on a page; works without an access token, and without a session',
  description: sameOrigin,
  responses: {
    204: {
      description: 'Ended, and the cookie is cleared.',
      headers: z.object({ 'set-cookie': z.string() }),
    },
    ...problems('not-allowed'),
  },
});

export const sessionRoutes = [beginSessionRoute, renewSessionRoute, endSessionRoute];
