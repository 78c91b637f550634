import { z } from '@hono/zod-openapi';

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
  413: 'The request is too large',
  415: 'The content type is not the one that is needed',
  416: 'The range lies outside of the file',
  422: 'Values that are not acceptable; `errors` names the fields',
  423: 'Another request is at it; try again',
  460: 'The checksum of the bytes is not the one that was announced',
  500: 'Something went wrong here',
  503: 'A part of the service is not available; try again after `Retry-After` seconds',
} as const;

/** The documentation of refusals: each is a problem document. 500 and 503 can always happen. */
export function problems<Status extends keyof typeof DESCRIPTIONS>(...statuses: Status[]) {
  const content = { 'application/problem+json': { schema: problemSchema } };
  const all = [...statuses, 500, 503] as const;
  return Object.fromEntries(
    all.map((status) => [status, { description: DESCRIPTIONS[status], content }]),
  );
}
