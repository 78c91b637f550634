import { createRoute, type z } from '@hono/zod-openapi';
import { problems } from '../../src/http/problem-responses.ts';
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

const security = [{ bearer: [] }];
const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

export const registerRoute = createRoute({
  method: 'post',
  path: '/api/v1/users',
  tags: ['users'],
  summary: 'Register',
  request: jsonBody(registerBody),
  responses: { 201: json(userSchema, 'Registered.'), ...problems(400, 409, 413, 422) },
});

export const listUsersRoute = createRoute({
  method: 'get',
  path: '/api/v1/users',
  tags: ['users'],
  security,
  summary: 'List users, oldest first (administrators)',
  request: { query: listQuery },
  responses: { 200: json(userListSchema, 'A page.'), ...problems(401, 403, 422) },
});

export const showSelfRoute = createRoute({
  method: 'get',
  path: '/api/v1/users/me',
  tags: ['users'],
  security,
  summary: 'Who am I',
  responses: { 200: json(userSchema, 'The signed-in user.'), ...problems(401, 404) },
});

export const removeSelfRoute = createRoute({
  method: 'delete',
  path: '/api/v1/users/me',
  tags: ['users'],
  security,
  summary: 'Remove one’s own account and end its sessions',
  responses: { 204: { description: 'Removed.' }, ...problems(401, 404) },
});

export const removeUserRoute = createRoute({
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
  request: jsonBody(signInBody),
  responses: { 200: json(tokensSchema, 'Signed in.'), ...problems(400, 401, 413, 422) },
};

export const signInRoute = createRoute({
  ...signIn,
  path: '/api/v1/auth/token',
  summary: 'Sign in',
});

export const signInAliasRoute = createRoute({
  ...signIn,
  path: '/api/v1/token',
  summary: 'Sign in: another name of /auth/token',
});

export const loginRoute = createRoute({
  method: 'post',
  path: '/api/v1/login',
  tags: ['auth'],
  summary: 'Sign in by the OAuth 2.0 password form',
  request: {
    body: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: passwordForm } },
    },
  },
  responses: { 200: json(tokensSchema, 'Signed in.'), ...problems(400, 401, 413, 415, 422) },
});

export const refreshRoute = createRoute({
  method: 'post',
  path: '/api/v1/auth/refresh',
  tags: ['auth'],
  summary: 'Exchange a refresh token for a new pair',
  description: 'Each works once; one that is used twice ends the session.',
  request: jsonBody(refreshBody),
  responses: { 200: json(tokensSchema, 'The new pair.'), ...problems(400, 401, 413, 422) },
});

export const signOutRoute = createRoute({
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
  responses: { 200: json(claimsSchema, 'The claims of the access token.'), ...problems(401) },
};

export const validateRoute = createRoute({
  ...validate,
  path: '/api/v1/auth/validate',
  summary: 'Is this access token valid, and what does it say',
});

export const validateAliasRoute = createRoute({
  ...validate,
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
];
