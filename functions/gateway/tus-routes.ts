import { createRoute, z } from '@hono/zod-openapi';
import { QUOTA_REFUSALS } from '../../src/domain/quota.ts';
import { problems } from '../../src/http/problem-responses.ts';
import * as examples from './examples.ts';
import { fileIdParam } from './schemas.ts';
import { METADATA_MAX_BYTES, PART_TYPE, TUS_VERSION } from './tus-protocol.ts';

const security = [{ bearer: [] }];
const tags = ['uploads'];

const version = z.literal(TUS_VERSION).openapi({ description: 'The version of the protocol.' });
const offsetBytes = z.string().regex(/^(0|[1-9]\d{0,15})$/);
const lengthBytes = z.string().regex(/^[1-9]\d{0,15}$/);
/** What Base64 makes of whole triples of bytes, and of what is left. */
const PAIR = '[!-+.-~-]+( ([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)?';
const metadata = z
  .string()
  .max(METADATA_MAX_BYTES)
  .regex(new RegExp(`^${PAIR}(,${PAIR})*$`));
const DIGEST_END = '[AEIMQUYcgkosw048]=';
const request = { 'tus-resumable': version };
const part = {
  [PART_TYPE]: {
    schema: z.string().openapi({ type: 'string', format: 'binary' }),
  },
};
const checksum = z
  .string()
  .regex(new RegExp(`^(sha1 [A-Za-z0-9+/]{26}|sha256 [A-Za-z0-9+/]{42})${DIGEST_END}$`))
  .optional()
  .openapi({
    example: 'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
    description: 'Of this part: an algorithm (`sha1`, `sha256`) and its digest in Base64.',
  });

const header = (description: string, example: string) => ({
  description,
  schema: { type: 'string' as const },
  example,
});
const answered = {
  'Tus-Resumable': header('The version of the protocol.', TUS_VERSION),
};
const offset = { 'Upload-Offset': header('How many bytes have come.', '4194304') };
const expires = {
  'Upload-Expires': header(
    'When an unfinished upload is given up (RFC 9110 date); absent once it is finished.',
    'Wed, 25 Nov 2026 12:00:00 GMT',
  ),
};
const limit = {
  'Upload-Limit': header(
    'How large an upload and a part may be, and how long an upload is kept between parts.',
    'max-size=5368709120, max-append-size=4194304, max-age=86400',
  ),
};

const offer = {
  tags,
  security: [],
  summary: 'See what of tus 1.0 is offered',
  responses: {
    204: {
      description: 'The offer.',
      headers: {
        'Tus-Version': header('The versions of the protocol.', TUS_VERSION),
        'Tus-Extension': header(
          'The extensions.',
          'creation,creation-with-upload,creation-defer-length,expiration,termination,checksum',
        ),
        'Tus-Max-Size': header('How large an upload may be, in bytes.', '5368709120'),
        'Tus-Checksum-Algorithm': header('What a part can be checked by.', 'sha1,sha256'),
        ...limit,
      },
    },
    ...problems(),
  },
};

const offerRoute = createRoute({
  operationId: 'offerUploads',
  method: 'options',
  path: '/api/v1/uploads',
  ...offer,
});

const offerOfOneRoute = createRoute({
  operationId: 'offerUpload',
  method: 'options',
  path: '/api/v1/uploads/{id}',
  ...offer,
  request: { params: fileIdParam },
});

const createUploadRoute = createRoute({
  operationId: 'beginUpload',
  method: 'post',
  path: '/api/v1/uploads',
  tags,
  security,
  summary: 'Begin an upload in parts',
  description:
    'tus 1.0: creation, with the first part in the body if you like. Give `Upload-Length`, or `Upload-Defer-Length: 1` and the length with a later part. The upload’s id is that of the conversion.',
  request: {
    headers: z.object({
      ...request,
      'upload-length': lengthBytes.optional().openapi({ example: '7340032' }),
      'upload-defer-length': z.literal('1').optional(),
      'upload-metadata': metadata.optional().openapi({
        description:
          'Pairs of a key and a Base64 value: `filename`, `filetype`, and the options of `POST /api/v1/files`.',
        example: 'filename aG9saWRheS5tcDQ=,bitrate MTI4',
      }),
      'upload-checksum': checksum,
    }),
    body: { required: false, content: part },
  },
  responses: {
    201: {
      description: 'Begun.',
      headers: {
        ...answered,
        Location: header('Where its parts go.', `/api/v1/uploads/${examples.accepted.file_id}`),
        'Upload-Offset': header('With a part in the body: how many bytes have come.', '4194304'),
        ...expires,
        ...limit,
      },
    },
    ...problems('malformed', 401, 'protocol-version', 413, 415, 422, ...QUOTA_REFUSALS, 460),
  },
});

const showUploadRoute = createRoute({
  operationId: 'showUpload',
  method: 'head',
  path: '/api/v1/uploads/{id}',
  tags,
  security,
  summary: 'See how far an upload is',
  request: { params: fileIdParam, headers: z.object(request) },
  responses: {
    200: {
      description: 'How far it is.',
      headers: {
        ...answered,
        ...offset,
        'Upload-Length': header('How long it will be, once that is known.', '7340032'),
        'Upload-Defer-Length': header('1 as long as the length is not known.', '1'),
        'Upload-Metadata': header('As it was sent.', 'filename aG9saWRheS5tcDQ='),
        ...expires,
      },
    },
    ...problems('malformed', 401, 404, 410, 'protocol-version'),
  },
});

const appendRoute = createRoute({
  operationId: 'appendToUpload',
  method: 'patch',
  path: '/api/v1/uploads/{id}',
  tags,
  security,
  summary: 'Upload the next part',
  description: 'After the last one the conversion is queued: see `/api/v1/files/{id}/status`.',
  request: {
    params: fileIdParam,
    headers: z.object({
      ...request,
      'upload-offset': offsetBytes.openapi({
        example: '0',
        description: 'Where this part begins.',
      }),
      'upload-length': lengthBytes.optional().openapi({ description: 'If it was deferred.' }),
      'upload-checksum': checksum,
    }),
    body: { required: true, content: part },
  },
  responses: {
    204: { description: 'Stored.', headers: { ...answered, ...offset, ...expires } },
    ...problems(
      'malformed',
      401,
      404,
      'offset-mismatch',
      410,
      'protocol-version',
      413,
      'quota-exceeded',
      415,
      422,
      423,
      460,
    ),
  },
});

const terminateRoute = createRoute({
  operationId: 'endUpload',
  method: 'delete',
  path: '/api/v1/uploads/{id}',
  tags,
  security,
  summary: 'Remove an upload, and the conversion that it has become',
  request: { params: fileIdParam, headers: z.object(request) },
  responses: {
    204: { description: 'Removed.', headers: answered },
    ...problems('malformed', 401, 404, 410, 'protocol-version', 423),
  },
});

/** tus 1.0, for the OpenAPI document. */
export const uploadRoutes = [
  offerRoute,
  createUploadRoute,
  offerOfOneRoute,
  showUploadRoute,
  appendRoute,
  terminateRoute,
];
