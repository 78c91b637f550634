import { createRoute, z } from '@hono/zod-openapi';
import { QUOTA_REFUSALS } from '../../src/domain/quota.ts';
import { jsonAnswer } from '../../src/http/json-answer.ts';
import { problems } from '../../src/http/problem-responses.ts';
import * as examples from './examples.ts';
import {
  acceptedSchema,
  conversionSchema,
  downloadHeaders,
  downloadQuery,
  fileIdParam,
  healthSchema,
  jwksSchema,
  linkQuery,
  madeLinkSchema,
  pageQuery,
  pageSchema,
  uploadForm,
} from './schemas.ts';
import { uploadRoutes } from './tus-routes.ts';

const security = [{ bearer: [] }];
const tags = ['files'];

/** What can be done with what an answer names: https://spec.openapis.org/oas/v3.1.1#link-object */
const linksTo = (operations: readonly string[], fileId: string) =>
  Object.fromEntries(
    operations.map((operationId) => [operationId, { operationId, parameters: { id: fileId } }]),
  );

export const uploadRoute = createRoute({
  operationId: 'uploadVideo',
  method: 'post',
  path: '/api/v1/files',
  tags,
  security,
  summary: 'Upload a video',
  description: 'Answers when the video is stored; an e-mail says when the MP3 is ready.',
  request: { body: { required: true, content: { 'multipart/form-data': { schema: uploadForm } } } },
  responses: {
    202: {
      ...jsonAnswer(acceptedSchema, 'Stored; the conversion will begin.', examples.accepted),
      links: linksTo(
        ['showConversion', 'downloadAudio', 'cancelConversion', 'deleteConversion'],
        '$response.body#/file_id',
      ),
    },
    ...problems(400, 401, 'cancelled', 413, 415, 422, ...QUOTA_REFUSALS),
  },
});

export const listRoute = createRoute({
  operationId: 'listConversions',
  method: 'get',
  path: '/api/v1/files',
  tags,
  security,
  summary: 'List one’s own conversions, newest first',
  request: { query: pageQuery },
  responses: {
    200: {
      ...jsonAnswer(pageSchema, 'A page.', examples.page),
      links: {
        nextPage: {
          operationId: 'listConversions',
          parameters: { cursor: '$response.body#/next' },
        },
      },
    },
    ...problems(401, 422),
  },
});

export const statusRoute = createRoute({
  operationId: 'showConversion',
  method: 'get',
  path: '/api/v1/files/{id}/status',
  tags,
  security,
  summary: 'See how far a conversion is',
  request: { params: fileIdParam },
  responses: {
    200: jsonAnswer(conversionSchema, 'The conversion.', examples.converting),
    ...problems(401, 404, 422),
  },
});

/** RFC 9110, sections 8.8.3, 14.3 and 14.4. */
const mp3Headers = {
  'Accept-Ranges': { schema: { type: 'string' as const }, example: 'bytes' },
  ETag: { schema: { type: 'string' as const }, example: examples.etag },
};
const partHeaders = {
  ...mp3Headers,
  'Content-Range': { schema: { type: 'string' as const }, example: 'bytes 0-1023/1468006' },
};

const mp3 = {
  'audio/mpeg': {
    schema: z.string().openapi({ type: 'string', format: 'binary' }),
    example: examples.mp3,
  },
};

/** Whatever leads to an MP3 answers by it in these ways. */
const theMp3 = {
  200: { description: 'The MP3, whole.', headers: mp3Headers, content: mp3 },
  206: { description: 'The part that Range asked for.', headers: partHeaders, content: mp3 },
  304: {
    description: 'The one that If-None-Match names is still the right one.',
    headers: mp3Headers,
  },
  307: {
    description:
      'Too large for one answer here: it is streamed at `Location`, for five minutes, to whoever asks, with the same `Range` and conditions.',
    headers: z.object({ location: z.url() }),
  },
};

export const downloadRoute = createRoute({
  operationId: 'downloadAudio',
  method: 'get',
  path: '/api/v1/files/{id}',
  tags,
  security,
  summary: 'Download the MP3',
  description: 'Answers HEAD too, and Range, If-Range, If-Match and If-None-Match (RFC 9110).',
  request: { params: fileIdParam, query: downloadQuery, headers: downloadHeaders },
  responses: {
    ...theMp3,
    ...problems(401, 404, 'not-ready', 'conversion-failed', 'cancelled', 410, 412, 413, 416, 422),
  },
});

export const cancelRoute = createRoute({
  operationId: 'cancelConversion',
  method: 'post',
  path: '/api/v1/files/{id}/cancel',
  tags,
  security,
  summary: 'Cancel a conversion that has not ended',
  description:
    'Stops it within two seconds and removes the video; the record stays as `cancelled`, and no mail is sent. Cancelled again it stays as it is.',
  request: { params: fileIdParam },
  responses: {
    200: {
      ...jsonAnswer(conversionSchema, 'The conversion, cancelled.', examples.cancelled),
      links: linksTo(['showConversion', 'deleteConversion'], '$response.body#/file_id'),
    },
    ...problems(401, 404, 409, 422),
  },
});

export const linkRoute = createRoute({
  operationId: 'downloadByLink',
  method: 'get',
  path: '/api/v1/links/{id}',
  tags,
  security: [],
  summary: 'Download the MP3 by the link of a mail, without signing in',
  description:
    'Works as often as it is asked until the link expires or its owner ends it. Answers HEAD, Range and the rest as /api/v1/files/{id} does.',
  request: { params: fileIdParam, query: linkQuery, headers: downloadHeaders },
  responses: {
    ...theMp3,
    ...problems(404, 'link-expired', 'link-revoked', 410, 412, 413, 416, 422),
  },
});

export const makeLinkRoute = createRoute({
  operationId: 'makeLink',
  method: 'post',
  path: '/api/v1/files/{id}/links',
  tags,
  security,
  summary: 'Make a link to the MP3 that works without signing in, for an hour',
  description:
    'For what cannot send a token: a player, a download by the browser. Whoever has the link has the MP3, until it expires or is ended.',
  request: { params: fileIdParam },
  responses: {
    200: jsonAnswer(madeLinkSchema, 'The link.', examples.link),
    ...problems(401, 404, 'not-ready', 'conversion-failed', 'cancelled', 410, 422),
  },
});

export const revokeLinksRoute = createRoute({
  operationId: 'revokeLinks',
  method: 'delete',
  path: '/api/v1/files/{id}/links',
  tags,
  security,
  summary: 'End every link to the MP3 that was given so far',
  request: { params: fileIdParam },
  responses: { 204: { description: 'None of them works any more.' }, ...problems(401, 404, 422) },
});

export const deleteRoute = createRoute({
  operationId: 'deleteConversion',
  method: 'delete',
  path: '/api/v1/files/{id}',
  tags,
  security,
  summary: 'Remove video, MP3 and record; cancels a conversion that is under way',
  request: { params: fileIdParam },
  responses: { 204: { description: 'Removed.' }, ...problems(401, 404, 422) },
});

export const healthRoute = createRoute({
  operationId: 'checkHealth',
  method: 'get',
  path: '/health',
  tags: ['service'],
  security: [],
  summary: 'Is the service alive, and every part of it',
  responses: {
    200: jsonAnswer(healthSchema, 'All parts answer.', examples.healthy),
    503: jsonAnswer(healthSchema, 'A part does not answer.', examples.degraded),
  },
});

export const jwksRoute = createRoute({
  operationId: 'showKeys',
  method: 'get',
  path: '/.well-known/jwks.json',
  tags: ['service'],
  security: [],
  summary: 'The public keys that access tokens are verified with',
  responses: {
    200: jsonAnswer(jwksSchema, 'RFC 7517 JWK Set.', examples.keys),
  },
});

/** All of them, for the OpenAPI document. */
export const gatewayRoutes = [
  uploadRoute,
  listRoute,
  statusRoute,
  downloadRoute,
  cancelRoute,
  linkRoute,
  makeLinkRoute,
  revokeLinksRoute,
  deleteRoute,
  ...uploadRoutes,
  healthRoute,
  jwksRoute,
];
