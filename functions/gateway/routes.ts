import { createRoute, z } from '@hono/zod-openapi';
import { problems } from '../../src/http/problem-responses.ts';
import {
  acceptedSchema,
  conversionSchema,
  downloadHeaders,
  downloadQuery,
  fileIdParam,
  healthSchema,
  jwksSchema,
  linkQuery,
  pageQuery,
  pageSchema,
  uploadForm,
} from './schemas.ts';
import { uploadRoutes } from './tus-routes.ts';

const security = [{ bearer: [] }];
const tags = ['files'];
const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

export const uploadRoute = createRoute({
  method: 'post',
  path: '/api/v1/files',
  tags,
  security,
  summary: 'Upload a video',
  description: 'Answers when the video is stored; an e-mail says when the MP3 is ready.',
  request: { body: { required: true, content: { 'multipart/form-data': { schema: uploadForm } } } },
  responses: {
    202: json(acceptedSchema, 'Stored; the conversion will begin.'),
    ...problems(400, 401, 413, 415, 422),
  },
});

export const listRoute = createRoute({
  method: 'get',
  path: '/api/v1/files',
  tags,
  security,
  summary: 'List one’s own conversions, newest first',
  request: { query: pageQuery },
  responses: { 200: json(pageSchema, 'A page.'), ...problems(401, 422) },
});

export const statusRoute = createRoute({
  method: 'get',
  path: '/api/v1/files/{id}/status',
  tags,
  security,
  summary: 'See how far a conversion is',
  request: { params: fileIdParam },
  responses: { 200: json(conversionSchema, 'The conversion.'), ...problems(401, 404, 422) },
});

const mp3 = { 'audio/mpeg': { schema: z.string().openapi({ type: 'string', format: 'binary' }) } };

const sentOn = {
  description:
    'Too large for one answer here: it is streamed at `Location`, for five minutes, to whoever asks, with the same `Range` and conditions.',
  headers: z.object({ location: z.url() }),
};

export const downloadRoute = createRoute({
  method: 'get',
  path: '/api/v1/files/{id}',
  tags,
  security,
  summary: 'Download the MP3',
  description: 'Answers HEAD too, and Range, If-Range, If-Match and If-None-Match (RFC 9110).',
  request: { params: fileIdParam, query: downloadQuery, headers: downloadHeaders },
  responses: {
    200: { description: 'The MP3, whole.', content: mp3 },
    206: { description: 'The part that Range asked for.', content: mp3 },
    304: { description: 'The one that If-None-Match names is still the right one.' },
    307: sentOn,
    ...problems(401, 404, 409, 410, 412, 413, 416, 422),
  },
});

export const linkRoute = createRoute({
  method: 'get',
  path: '/api/v1/links/{id}',
  tags,
  summary: 'Download the MP3 by the link of a mail, without signing in',
  description:
    'Works as often as it is asked until the link expires or its owner ends it. Answers HEAD, Range and the rest as /api/v1/files/{id} does.',
  request: { params: fileIdParam, query: linkQuery, headers: downloadHeaders },
  responses: {
    200: { description: 'The MP3, whole.', content: mp3 },
    206: { description: 'The part that Range asked for.', content: mp3 },
    304: { description: 'The one that If-None-Match names is still the right one.' },
    307: sentOn,
    ...problems(404, 410, 412, 413, 416, 422),
  },
});

export const revokeLinksRoute = createRoute({
  method: 'delete',
  path: '/api/v1/files/{id}/links',
  tags,
  security,
  summary: 'End every link to the MP3 that was given so far',
  request: { params: fileIdParam },
  responses: { 204: { description: 'None of them works any more.' }, ...problems(401, 404, 422) },
});

export const deleteRoute = createRoute({
  method: 'delete',
  path: '/api/v1/files/{id}',
  tags,
  security,
  summary: 'Remove video, MP3 and record; cancels a conversion that is under way',
  request: { params: fileIdParam },
  responses: { 204: { description: 'Removed.' }, ...problems(401, 404, 422) },
});

export const healthRoute = createRoute({
  method: 'get',
  path: '/health',
  tags: ['service'],
  summary: 'Is the service alive, and every part of it',
  responses: {
    200: json(healthSchema, 'All parts answer.'),
    503: json(healthSchema, 'A part does not answer.'),
  },
});

export const jwksRoute = createRoute({
  method: 'get',
  path: '/.well-known/jwks.json',
  tags: ['service'],
  summary: 'The public keys that access tokens are verified with',
  responses: {
    200: json(jwksSchema, 'RFC 7517 JWK Set.'),
  },
});

/** All of them, for the OpenAPI document. */
export const gatewayRoutes = [
  uploadRoute,
  listRoute,
  statusRoute,
  downloadRoute,
  linkRoute,
  revokeLinksRoute,
  deleteRoute,
  ...uploadRoutes,
  healthRoute,
  jwksRoute,
];
