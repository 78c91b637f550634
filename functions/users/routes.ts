import { createRoute, type z } from '@hono/zod-openapi';
import { jsonAnswer } from '../../src/http/json-answer.ts';
import { problems } from '../../src/http/problem-responses.ts';
import * as examples from './examples.ts';
import {
  claimsSchema,
  listQuery,
  passwordForm,
  refreshBody,
  registerBody,
  signInBody,
  tokensSchema,
  userIdParam,
  userListSchema,
  userSchema,
} from './schemas.ts';
import { sessionRoutes } from './session-routes.ts';

const security = [{ bearer: [] }];
const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

/** https://spec.openapis.org/oas/v3.1.1#link-object */
const tokenLinks = {
  refreshSession: {
    operationId: 'refreshSession',
    requestBody: { refresh_token: '$response.body#/refresh_token' },
  },
};

export const registerRoute = createRoute({
  operationId: 'registerUser',
  method: 'post',
  path: '/api/v1/users',
  tags: ['users'],
  security: [],
  summary: 'Register',
  request: jsonBody(registerBody),
  responses: {
    201: {
      ...jsonAnswer(userSchema, 'Registered.', examples.user),
      links: {
        signIn: {
          operationId: 'signIn',
          requestBody: {
            email: '$request.body#/email',
            password: '$request.body#/password',
          },
        },
        removeUser: { operationId: 'removeUser', parameters: { id: '$response.body#/id' } },
      },
    },
    ...problems(400, 'email-taken', 413, 422, 'too-many-attempts'),
  },
});

export const listUsersRoute = createRoute({
  operationId: 'listUsers',
  method: 'get',
  path: '/api/v1/users',
  tags: ['users'],
  security,
  summary: 'List users, oldest first (administrators)',
  request: { query: listQuery },
  responses: {
    200: jsonAnswer(userListSchema, 'A page.', [examples.user]),
    ...problems(401, 403, 422),
  },
});

export const showSelfRoute = createRoute({
  operationId: 'showSelf',
  method: 'get',
  path: '/api/v1/users/me',
  tags: ['users'],
  security,
  summary: 'Who am I',
  responses: {
    200: jsonAnswer(userSchema, 'The signed-in user.', examples.user),
    ...problems(401, 404),
  },
});

export const removeSelfRoute = createRoute({
  operationId: 'removeSelf',
  method: 'delete',
  path: '/api/v1/users/me',
  tags: ['users'],
  security,
  summary: 'Remove one’s own account and end its sessions',
  responses: { 204: { description: 'Removed.' }, ...problems(401, 404) },
});

export const removeUserRoute = createRoute({
  operationId: 'removeUser',
  method: 'delete',
  path: '/api/v1/users/{id}',
  tags: ['users'],
  security,
  summary: 'Remove a user (administrators)',
  request: { params: userIdParam },
  responses: { 204: { description: 'Removed.' }, ...problems(401, 403, 404, 422) },
});

const signIn = {
  method: 'post' as const,
  tags: ['auth'],
  security: [],
  request: jsonBody(signInBody),
  responses: {
    200: { ...jsonAnswer(tokensSchema, 'Signed in.', examples.tokens), links: tokenLinks },
    ...problems(400, 'invalid-credentials', 413, 422, 'too-many-attempts'),
  },
};

export const signInRoute = createRoute({
  ...signIn,
  operationId: 'signIn',
  path: '/api/v1/auth/token',
  summary: 'Sign in',
});

export const signInAliasRoute = createRoute({
  ...signIn,
  operationId: 'signInByAlias',
  path: '/api/v1/token',
  summary: 'Sign in: another name of /auth/token',
});

export const loginRoute = createRoute({
  operationId: 'signInByForm',
  method: 'post',
  path: '/api/v1/login',
  tags: ['auth'],
  security: [],
  summary: 'Sign in by the OAuth 2.0 password form',
  request: {
    body: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: passwordForm } },
    },
  },
  responses: {
    200: { ...jsonAnswer(tokensSchema, 'Signed in.', examples.tokens), links: tokenLinks },
    ...problems(400, 'invalid-credentials', 413, 415, 422, 'too-many-attempts'),
  },
});

export const refreshRoute = createRoute({
  operationId: 'refreshSession',
  method: 'post',
  path: '/api/v1/auth/refresh',
  tags: ['auth'],
  security: [],
  summary: 'Exchange a refresh token for a new pair',
  description: 'Each works once; one that is used twice ends the session.',
  request: jsonBody(refreshBody),
  responses: {
    200: { ...jsonAnswer(tokensSchema, 'The new pair.', examples.tokens), links: tokenLinks },
    ...problems(400, 401, 413, 422),
  },
});

export const signOutRoute = createRoute({
  operationId: 'signOut',
  method: 'post',
  path: '/api/v1/auth/logout',
  tags: ['auth'],
  security,
  summary: 'End the session: its refresh tokens work no more',
  responses: { 204: { description: 'Ended.' }, ...problems(401) },
});

const validate = {
  method: 'get' as const,
  tags: ['auth'],
  security,
  responses: {
    200: jsonAnswer(claimsSchema, 'The claims of the access token.', examples.claims),
    ...problems(401),
  },
};

export const validateRoute = createRoute({
  ...validate,
  operationId: 'validateToken',
  path: '/api/v1/auth/validate',
  summary: 'Is this access token valid, and what does it say',
});

export const validateAliasRoute = createRoute({
  ...validate,
  operationId: 'validateTokenByAlias',
  path: '/api/v1/token/validate',
  summary: 'Another name of /auth/validate',
});

/** All of them, for the OpenAPI document. */
export const usersRoutes = [
  registerRoute,
  listUsersRoute,
  showSelfRoute,
  removeSelfRoute,
  removeUserRoute,
  signInRoute,
  signInAliasRoute,
  loginRoute,
  refreshRoute,
  signOutRoute,
  validateRoute,
  validateAliasRoute,
  ...sessionRoutes,
];
