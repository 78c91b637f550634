import { z } from '@hono/zod-openapi';
import { type ErrorCode, InvalidInput, SoundliftError } from '../domain/errors.ts';
import { type Problem, RETRY_AFTER_SECONDS, statusOf, toProblem } from './problem.ts';

type Headers = Record<
  string,
  { description?: string; schema: { type: 'string' | 'integer' }; example: string | number }
>;

export const problemSchema = z
  .object({
    type: z.string().openapi({ example: 'urn:soundlift:not-found' }),
    title: z.string().openapi({ example: 'Not found' }),
    status: z.int().openapi({ example: 404 }),
    detail: z.string().openapi({ example: 'There is no such conversion.' }),
    code: z.string().openapi({ example: 'not-found', description: 'Stable: decide by this.' }),
    request_id: z.string().openapi({ example: '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10' }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'What is wrong with which field.' }),
  })
  .openapi('Problem', { description: 'RFC 9457 problem details.' });

const DESCRIPTIONS = {
  400: 'The body is not what its content type says, or a header is missing or malformed',
  401: 'No valid access token, or the wrong credentials',
  403: 'Not allowed',
  404: 'Not there, or somebody else’s',
  405: 'Not a method of this address; `Allow` names those',
  409: 'Not in the state that this needs',
  410: 'It was there, and has expired; or the link to it has ended',
  412: 'It is not the one that If-Match names, or the protocol’s version is not supported',
  413: 'The request is too large, or there is no room for what it brings',
  415: 'The content type is not the one that is needed',
  416: 'The range lies outside of the file',
  422: 'Values that are not acceptable; `errors` names the fields',
  423: 'Another request is at it; try again',
  429: 'Too often; try again after `Retry-After` seconds',
  460: 'The checksum of the bytes is not the one that was announced',
  500: 'Something went wrong here',
  503: 'A part of the service is not available; try again after `Retry-After` seconds',
} as const;

type Status = keyof typeof DESCRIPTIONS;

/** What an answer with this status says unless a route names its own codes. */
const USUAL_CODES: Record<Status, ErrorCode> = {
  400: 'invalid-input',
  401: 'not-authenticated',
  403: 'not-allowed',
  404: 'not-found',
  405: 'method-not-allowed',
  409: 'already-ended',
  410: 'expired',
  412: 'precondition-failed',
  413: 'too-large',
  415: 'unsupported-media-type',
  416: 'range-not-satisfiable',
  422: 'invalid-input',
  423: 'locked',
  429: 'too-many-attempts',
  460: 'checksum-mismatch',
  500: 'internal',
  503: 'unavailable',
};

/** As the service words them; a code without a sentence here is shown with its title. */
const DETAILS: Partial<Record<ErrorCode, string>> = {
  'not-authenticated': 'Send an access token: Authorization: Bearer <token>',
  'invalid-credentials': 'the e-mail address or the password is wrong',
  'not-allowed': 'only administrators may list users',
  'not-found': 'There is no such conversion.',
  'email-taken': 'somebody has registered with this address',
  'not-ready': 'The MP3 is not ready: the conversion is queued.',
  'conversion-failed': 'The video has no sound.',
  cancelled: 'The conversion was cancelled.',
  'already-ended': 'There is nothing to cancel: the conversion is ready.',
  expired: 'The MP3 has expired and was removed. Upload the video again.',
  'too-large': 'One request can carry 10 MiB at the most.',
  'quota-exceeded':
    'Your files would take more than the 50.0 GiB that you have here. Remove some that you need no more.',
  'too-many-attempts': 'That was tried too often. Try again later.',
  'too-many-conversions':
    'You have 100 uploads and conversions under way. Try again when one of them has ended.',
  'daily-limit-reached':
    'You have begun 500 conversions within a day. Try again at 2026-11-02T09:30:00.000Z.',
  'range-not-satisfiable': 'The file has 1468006 bytes.',
  'precondition-failed': 'The MP3 is not the one that If-Match names.',
  internal: 'Please try again; the request id helps to find the cause.',
  unavailable: 'files is not available at the moment',
};

const REQUEST_ID = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';

const HEADERS: Partial<Record<Status, Headers>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' }, example: 'Bearer' } },
  429: {
    'Retry-After': { description: 'Seconds.', schema: { type: 'integer' }, example: 600 },
  },
  503: {
    'Retry-After': {
      description: 'Seconds.',
      schema: { type: 'integer' },
      example: RETRY_AFTER_SECONDS,
    },
  },
};

/**
 * The documentation of refusals, each a problem document with an example for every code: by a status
 * where its usual code is meant, or by codes. 500 and 503 can always happen.
 */
export function problems(...refusals: (Status | ErrorCode)[]) {
  const answers = [...refusals, 500, 503] as const;
  const byStatus = Map.groupBy(answers.map(toAnswer), ({ status }) => status);
  return Object.fromEntries(
    [...byStatus].map(([status, given]) => {
      const examples = Object.fromEntries(
        given.map(({ code }) => [code, { summary: code, value: exampleOf(status, code) }]),
      );
      const content = { 'application/problem+json': { schema: problemSchema, examples } };
      const headers = HEADERS[status];
      const description = DESCRIPTIONS[status];
      return [status, { description, content, ...(headers && { headers }) }];
    }),
  );
}

function toAnswer(given: Status | ErrorCode): { status: Status; code: ErrorCode } {
  if (typeof given === 'number') return { status: given, code: USUAL_CODES[given] };
  const status = statusOf(given);
  if (!isDescribed(status)) throw new Error(`add a description of ${status} for ${given}`);
  return { status, code: given };
}

function isDescribed(status: number): status is Status {
  return status in DESCRIPTIONS;
}

function exampleOf(status: Status, code: ErrorCode): Problem {
  if (status === 422 && code === 'invalid-input') {
    return toProblem(
      new InvalidInput([{ field: 'limit', message: 'Too big: expected number to be <=100' }]),
      REQUEST_ID,
    );
  }
  const isUnread = status === 400 && code === 'invalid-input';
  const detail = isUnread ? 'Malformed JSON in request body' : DETAILS[code];
  const problem = toProblem(new SoundliftError(code, 'never', detail ?? code), REQUEST_ID);
  return { ...problem, status, detail: detail ?? problem.title };
}
