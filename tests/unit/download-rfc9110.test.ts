import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADA, EVE, type TestGateway, testGateway } from '../support/gateway.ts';
import { readyConversion } from '../support/ready-conversion.ts';

/*
 * What the function itself answers, from Lambda's event to Lambda's result, beside the sentences of
 * https://www.rfc-editor.org/rfc/rfc9110 that it obeys.
 */

const MP3 = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
const PATIENT = 'private, max-age=0, must-revalidate';

let gateway: TestGateway;
let id: string;
let etag: string;
beforeAll(async () => {
  gateway = await testGateway();
  id = await readyConversion(gateway, { mp3: MP3 });
  etag = `"${id}.token"`;
});

interface Row {
  readonly section: string;
  readonly says: string;
  readonly method?: 'GET' | 'HEAD';
  /** `ETAG` stands for that of the MP3. */
  readonly headers: Record<string, string>;
  readonly status: number;
  /** What the answer has; `undefined`: has not. */
  readonly has?: Record<string, string | undefined>;
  /** The bytes of the MP3 that are the content. */
  readonly bytes?: readonly [start: number, end: number];
}

const WHOLE = {
  'content-length': '3000',
  'content-range': undefined,
  'content-type': 'audio/mpeg',
};
const partOf = (first: number, last: number) => ({
  'content-range': `bytes ${first}-${last}/3000`,
  'content-length': String(last - first + 1),
  'content-type': 'audio/mpeg',
});

/** What a 304 has no need of: the client has it already. */
const NO_METADATA = {
  'content-type': undefined,
  'content-length': undefined,
  'content-disposition': undefined,
  'content-range': undefined,
};
const PAST = 'Thu, 01 Jan 1970 00:00:00 GMT';
const FUTURE = 'Thu, 01 Jan 2099 00:00:00 GMT';

const ROWS: readonly Row[] = [
  {
    section: '13.1.1',
    says: 'If the field value is "*", the condition is true if the origin server has a current representation for the target resource.',
    headers: { 'if-match': '*' },
    status: 200,
    has: WHOLE,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.1',
    says: 'If the field value is a list of entity tags, the condition is true if any of the listed tags match the entity tag of the selected representation.',
    headers: { 'if-match': '"other", ETAG' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.1',
    says: 'An origin server that evaluates an If-Match condition MUST NOT perform the requested method if the condition evaluates to false. Instead, the origin server MAY indicate that the conditional request failed by responding with a 412 (Precondition Failed) status code.',
    headers: { 'if-match': '"other"' },
    status: 412,
    has: { etag: 'ETAG', 'content-type': 'application/problem+json' },
  },
  {
    section: '13.1.1',
    says: 'An origin server MUST use the strong comparison function when comparing entity tags for If-Match',
    headers: { 'if-match': 'W/ETAG' },
    status: 412,
  },
  {
    section: '13.1.2',
    says: 'If the field value is "*", the condition is false if the origin server has a current representation for the target resource.',
    headers: { 'if-none-match': '*' },
    status: 304,
  },
  {
    section: '13.1.2',
    says: 'If the field value is a list of entity tags, the condition is false if one of the listed tags matches the entity tag of the selected representation.',
    headers: { 'if-none-match': '"other", ETAG' },
    status: 304,
  },
  {
    section: '13.1.2',
    says: 'A recipient MUST use the weak comparison function when comparing entity tags for If-None-Match',
    headers: { 'if-none-match': '"other", W/ETAG' },
    status: 304,
  },
  {
    section: '13.1.2',
    says: 'Otherwise, the condition is true.',
    headers: { 'if-none-match': '"other"' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.2',
    says: 'An origin server that evaluates an If-None-Match condition MUST NOT perform the requested method if the condition evaluates to false; instead, the origin server MUST respond with either a) the 304 (Not Modified) status code if the request method is GET or HEAD',
    method: 'HEAD',
    headers: { 'if-none-match': 'ETAG' },
    status: 304,
  },
  {
    section: '13.1.3',
    says: 'A recipient MUST ignore If-Modified-Since if the request contains an If-None-Match header field',
    headers: { 'if-modified-since': FUTURE, 'if-none-match': '"other"' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.3',
    says: 'A recipient MUST ignore the If-Modified-Since header field if the received field value is not a valid HTTP-date, the field value has more than one member, or if the request method is neither GET nor HEAD.',
    headers: { 'if-modified-since': `${FUTURE}, ${FUTURE}` },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.3',
    says: 'A recipient MUST ignore the If-Modified-Since header field if the resource does not have a modification date available.',
    headers: { 'if-modified-since': FUTURE },
    status: 200,
    has: { 'last-modified': undefined },
    bytes: [0, 3_000],
  },
  {
    section: '13.1.4',
    says: 'A recipient MUST ignore If-Unmodified-Since if the request contains an If-Match header field',
    headers: { 'if-unmodified-since': PAST, 'if-match': 'ETAG' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.4',
    says: 'A recipient MUST ignore the If-Unmodified-Since header field if the received field value is not a valid HTTP-date (including when the field value appears to be a list of dates).',
    headers: { 'if-unmodified-since': 'yesterday' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.4',
    says: 'A recipient MUST ignore the If-Unmodified-Since header field if the resource does not have a modification date available.',
    headers: { 'if-unmodified-since': PAST },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.5',
    says: 'A server MUST ignore an If-Range header field received in a request that does not contain a Range header field.',
    headers: { 'if-range': '"other"' },
    status: 200,
    has: WHOLE,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.5',
    says: 'A server that receives an If-Range header field on a Range request MUST evaluate the condition per Section 13.2 prior to performing the method.',
    headers: { range: 'bytes=9999-', 'if-range': '"other"' },
    status: 200,
    has: WHOLE,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.5',
    says: 'If the entity-tag validator provided exactly matches the ETag field value for the selected representation using the strong comparison function (Section 8.8.3.2), the condition is true.',
    headers: { range: 'bytes=10-19', 'if-range': 'ETAG' },
    status: 206,
    has: partOf(10, 19),
    bytes: [10, 20],
  },
  {
    section: '13.1.5',
    says: 'A recipient of an If-Range header field MUST ignore the Range header field if the If-Range condition evaluates to false.',
    headers: { range: 'bytes=10-19', 'if-range': '"other"' },
    status: 200,
    has: WHOLE,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.5',
    says: 'A client MUST NOT generate an If-Range header field containing an entity tag that is marked as weak.',
    headers: { range: 'bytes=10-19', 'if-range': 'W/ETAG' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.5',
    says: 'If the HTTP-date validator provided is not a strong validator in the sense defined by Section 8.8.2.2, the condition is false.',
    headers: { range: 'bytes=10-19', 'if-range': 'Tue, 24 Nov 2026 12:00:00 GMT' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '13.1.5',
    says: 'Otherwise, the recipient SHOULD process the Range header field as requested.',
    headers: { range: 'bytes=9999-', 'if-range': 'ETAG' },
    status: 416,
  },
  {
    section: '13.2.2',
    says: 'When recipient is the origin server and If-Match is present, evaluate the If-Match precondition: … if false, respond 412 (Precondition Failed)',
    headers: { 'if-match': '"other"', 'if-none-match': 'ETAG', range: 'bytes=10-19' },
    status: 412,
  },
  {
    section: '13.2.2',
    says: 'When If-None-Match is present, evaluate the If-None-Match precondition: … if false for GET/HEAD, respond 304 (Not Modified)',
    headers: { 'if-match': 'ETAG', 'if-none-match': 'ETAG', range: 'bytes=10-19' },
    status: 304,
  },
  {
    section: '13.2.2',
    says: 'When the method is GET and both Range and If-Range are present, evaluate the If-Range precondition: … if true and the Range is applicable to the selected representation, respond 206 (Partial Content)',
    headers: {
      'if-match': 'ETAG',
      'if-none-match': '"other"',
      'if-range': 'ETAG',
      range: 'bytes=10-19',
    },
    status: 206,
    bytes: [10, 20],
  },
  {
    section: '13.2.2',
    says: 'When the method is GET and both Range and If-Range are present',
    method: 'HEAD',
    headers: { 'if-range': 'ETAG', range: 'bytes=10-19' },
    status: 200,
    has: WHOLE,
  },
  {
    section: '14.1',
    says: 'All range unit names are case-insensitive',
    headers: { range: 'Bytes=2990-' },
    status: 206,
    has: partOf(2_990, 2_999),
    bytes: [2_990, 3_000],
  },
  {
    section: '14.1.1',
    says: 'An int-range is invalid if the last-pos value is present and less than the first-pos.',
    headers: { range: 'bytes=19-10' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '14.1.1',
    says: 'A ranges-specifier is invalid if it contains any range-spec that is invalid or undefined for the indicated range-unit.',
    headers: { range: 'bytes=first' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '14.1.2',
    says: 'If the selected representation is shorter than the specified suffix-length, the entire representation is used.',
    headers: { range: 'bytes=-9999' },
    status: 206,
    has: partOf(0, 2_999),
    bytes: [0, 3_000],
  },
  {
    section: '14.1.2',
    says: 'If the last-pos value is absent, or if the value is greater than or equal to the current length of the representation data, the byte range is interpreted as the remainder of the representation',
    headers: { range: 'bytes=2000-9999' },
    status: 206,
    has: partOf(2_000, 2_999),
    bytes: [2_000, 3_000],
  },
  {
    section: '14.1.2',
    says: 'For a GET request, a valid bytes range-spec is satisfiable if it is either: … a suffix-range with a non-zero suffix-length.',
    headers: { range: 'bytes=-0' },
    status: 416,
    has: { 'content-range': 'bytes */3000' },
  },
  ...[
    { range: `bytes=10-${'9'.repeat(400)}`, status: 206, bytes: [10, 3_000] },
    { range: `bytes=-${'9'.repeat(400)}`, status: 206, bytes: [0, 3_000] },
    { range: `bytes=${2 ** 64}-${2 ** 65}`, status: 416 },
  ].map(
    ({ range, status, bytes }): Row => ({
      section: '14.1.2',
      says: 'Since there is no predefined limit to the length of content, recipients MUST anticipate potentially large decimal numerals and prevent parsing errors due to integer conversion overflows.',
      headers: { range },
      status,
      ...(bytes && { bytes: [bytes[0] ?? 0, bytes[1] ?? 0] }),
    }),
  ),
  {
    section: '14.2',
    says: 'A server MUST ignore a Range header field received with a request method that is unrecognized or for which range handling is not defined. For this specification, GET is the only method for which range handling is defined.',
    method: 'HEAD',
    headers: { range: 'bytes=10-19' },
    status: 200,
    has: WHOLE,
  },
  {
    section: '14.2',
    says: 'An origin server MUST ignore a Range header field that contains a range unit it does not understand.',
    headers: { range: 'seconds=1-2' },
    status: 200,
    bytes: [0, 3_000],
  },
  {
    section: '14.2',
    says: 'A server MAY ignore the Range header field.',
    headers: { range: 'bytes=0-1,5-6' },
    status: 200,
    has: WHOLE,
    bytes: [0, 3_000],
  },
  {
    section: '14.2',
    says: 'Range is ignored when a conditional GET would result in a 304 (Not Modified) response.',
    headers: { 'if-none-match': 'ETAG', range: 'bytes=0-0' },
    status: 304,
    has: NO_METADATA,
  },
  {
    section: '14.2',
    says: 'If all of the preconditions are true, the server supports the Range header field for the target resource, the received Range field-value contains a valid ranges-specifier with a range-unit supported for that target resource, and that ranges-specifier is satisfiable with respect to the selected representation, the server SHOULD send a 206 (Partial Content) response',
    headers: { range: 'bytes=0-0', 'if-match': 'ETAG' },
    status: 206,
    has: partOf(0, 0),
    bytes: [0, 1],
  },
  {
    section: '14.2',
    says: 'If all of the preconditions are true, the server supports the Range header field for the target resource, the received Range field-value contains a valid ranges-specifier, and either the range-unit is not supported for that target resource or the ranges-specifier is unsatisfiable with respect to the selected representation, the server SHOULD send a 416 (Range Not Satisfiable) response.',
    headers: { range: 'bytes=3000-', 'if-match': 'ETAG' },
    status: 416,
  },
  {
    section: '14.4',
    says: 'A server MUST ignore a Content-Range header field received in a request with a method for which Content-Range support is not defined.',
    headers: { 'content-range': 'bytes 0-1/3000' },
    status: 200,
    has: WHOLE,
    bytes: [0, 3_000],
  },
  {
    section: '14.4',
    says: 'For byte ranges, a sender SHOULD indicate the complete length of the representation from which the range has been extracted',
    headers: { range: 'bytes=42-1233' },
    status: 206,
    has: { 'content-range': 'bytes 42-1233/3000' },
    bytes: [42, 1_234],
  },
  {
    section: '14.4',
    says: 'A server generating a 416 (Range Not Satisfiable) response to a byte-range request SHOULD send a Content-Range header field with an unsatisfied-range value',
    headers: { range: 'bytes=3000-3001' },
    status: 416,
    has: { 'content-range': 'bytes */3000', 'content-type': 'application/problem+json' },
  },
  {
    section: '14.4',
    says: 'only the 206 (Partial Content) and 416 (Range Not Satisfiable) status codes describe a meaning for Content-Range.',
    headers: { range: 'bytes=0-1', 'if-match': '"other"' },
    status: 412,
    has: { 'content-range': undefined },
  },
  {
    section: '15.3.7',
    says: 'A server that generates a 206 response MUST generate the following header fields, in addition to those required in the subsections below, if the field would have been sent in a 200 (OK) response to the same request: Date, Cache-Control, ETag, Expires, Content-Location, and Vary.',
    headers: { range: 'bytes=1-2' },
    status: 206,
    has: { ...partOf(1, 2), etag: 'ETAG', 'cache-control': PATIENT },
    bytes: [1, 3],
  },
  {
    section: '15.3.7.1',
    says: 'If a single part is being transferred, the server generating the 206 response MUST generate a Content-Range header field, describing what range of the selected representation is enclosed, and a content consisting of the range.',
    headers: { range: 'bytes=251-260' },
    status: 206,
    has: partOf(251, 260),
    bytes: [251, 261],
  },
  {
    section: '15.3.7.2',
    says: 'A server MUST NOT generate a multipart response to a request for a single range',
    headers: { range: 'bytes=-5' },
    status: 206,
    has: { 'content-type': 'audio/mpeg' },
    bytes: [2_995, 3_000],
  },
  {
    section: '15.4.5',
    says: 'The server generating a 304 response MUST generate any of the following header fields that would have been sent in a 200 (OK) response to the same request: Content-Location, Date, ETag, and Vary … Cache-Control and Expires',
    headers: { 'if-none-match': 'ETAG' },
    status: 304,
    has: { etag: 'ETAG', 'cache-control': PATIENT },
  },
  {
    section: '15.4.5',
    says: 'a sender SHOULD NOT generate representation metadata other than the above listed fields',
    headers: { 'if-none-match': 'ETAG' },
    status: 304,
    has: NO_METADATA,
  },
  {
    section: '15.5.17',
    says: 'A server that generates a 416 response to a byte-range request SHOULD generate a Content-Range header field specifying the current length of the selected representation',
    headers: { range: 'bytes=3000-' },
    status: 416,
    has: { 'content-range': 'bytes */3000' },
  },
  {
    section: '9.3.2',
    says: 'The HEAD method is identical to GET except that the server MUST NOT send content in the response.',
    method: 'HEAD',
    headers: { 'if-match': '"other"' },
    status: 412,
  },
];

async function ask(path: string, row: Pick<Row, 'method' | 'headers'>, who = ADA) {
  const headers = Object.fromEntries(
    Object.entries(row.headers).map(([name, value]) => [name, value.replace('ETAG', etag)]),
  );
  return await gateway.resultAs(who, path, { method: row.method ?? 'GET', headers });
}

function bytesOf({ body = '', isBase64Encoded }: APIGatewayProxyStructuredResultV2): Uint8Array {
  return new Uint8Array(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'));
}

describe.each(ROWS)('RFC 9110, section $section: $says', (row) => {
  test(`${row.method ?? 'GET'} with ${JSON.stringify(row.headers)} is ${row.status}`, async () => {
    const result = await ask(`/api/v1/files/${id}`, row);
    expect(result.statusCode).toBe(row.status);
    for (const [name, value] of Object.entries(row.has ?? {})) {
      expect(result.headers?.[name], name).toBe(value?.replace('ETAG', etag));
    }
    if (row.bytes) expect(bytesOf(result)).toEqual(MP3.subarray(...row.bytes));
    else if (row.method === 'HEAD' || row.status < 400) expect(result.body ?? '').toBe('');
  });
});

test('9.3.2: "The server SHOULD send the same header fields in response to a HEAD request as it would have sent if the request method had been GET."', async () => {
  const [get, head] = [
    await ask(`/api/v1/files/${id}`, { headers: {} }),
    await ask(`/api/v1/files/${id}`, { method: 'HEAD', headers: {} }),
  ];
  expect(head.statusCode).toBe(get.statusCode);
  expect(head.headers).toEqual(get.headers);
  expect(head.body).toBe('');
  expect(head.headers).toMatchObject({ 'accept-ranges': 'bytes', etag, 'content-length': '3000' });
});

describe('13.2.1: "A server MUST ignore all received preconditions if its response to the same request without those conditions, prior to processing the request content, would have been a status code other than a 2xx (Successful) or 412 (Precondition Failed). In other words, redirects and failures that can be detected before significant processing occurs take precedence over the evaluation of preconditions."', () => {
  const CONDITIONS = [
    { 'if-none-match': '*' },
    { 'if-none-match': 'ETAG' },
    { 'if-match': '"x"' },
    { 'if-range': '"x"', range: 'bytes=9999-' },
  ];

  test.each(CONDITIONS)('of somebody else’s MP3, with %j', async (headers) => {
    expect((await ask(`/api/v1/files/${id}`, { headers }, EVE)).statusCode).toBe(404);
  });

  test.each(CONDITIONS.slice(0, 3))('of an MP3 that is sent on, with %j', async (given) => {
    const large = await testGateway({ streamUrl: 'https://stream.example' });
    const mp3 = new Uint8Array(4 * 1024 * 1024 + 1);
    const largeId = await readyConversion(large, { mp3 });
    const headers = Object.entries(given).map(([name, value]): [string, string] => [
      name,
      value.replace('ETAG', `"${largeId}.token"`),
    ]);
    const result = await large.resultAs(ADA, `/api/v1/files/${largeId}`, { headers });
    expect(result.statusCode).toBe(307);
    expect(result.headers).not.toHaveProperty('etag');
  });
});

test('13.2.1: "a server MUST ignore the conditional request header fields defined by this specification when received with a request method that does not involve the selection or modification of a selected representation, such as CONNECT, OPTIONS, or TRACE."', async () => {
  const path = `/api/v1/files/${id}`;
  const plain = await gateway.resultAs(ADA, path, { method: 'OPTIONS' });
  const headers = { 'if-match': '"x"', 'if-none-match': etag };
  const conditional = await gateway.resultAs(ADA, path, { method: 'OPTIONS', headers });
  expect(conditional.statusCode).toBe(plain.statusCode);
  expect(conditional.statusCode).toBe(405);
});

test('15.3.7: "A sender that generates a 206 response to a request with an If-Range header field SHOULD NOT generate other representation header fields beyond those required … Otherwise, a sender MUST generate all of the representation header fields that would have been sent in a 200 (OK) response to the same request."', async () => {
  const path = `/api/v1/files/${id}`;
  const { headers: whole } = await ask(path, { headers: {} });
  const { headers: part } = await ask(path, { headers: { range: 'bytes=0-1' } });
  const differing = { 'content-length': '2', 'content-range': 'bytes 0-1/3000' };
  expect(part).toEqual({ ...whole, ...differing });
  // Those required are all but the type and the name. They are sent here too: an answer without a type
  // is given one by its host, and a wrong one.
  const ifRange = await ask(path, { headers: { range: 'bytes=0-1', 'if-range': etag } });
  expect(ifRange.headers).toEqual(part);
});

test('8.8.3.2: "two entity tags are equivalent if their opaque-tags match character-by-character, regardless of either or both being tagged as "weak"."', async () => {
  for (const tag of [etag.replace('"', '"W/'), etag.toUpperCase(), etag.replaceAll('"', '')]) {
    const { statusCode } = await ask(`/api/v1/files/${id}`, { headers: { 'if-none-match': tag } });
    expect(statusCode, tag).toBe(200);
  }
});

describe('?inline=1', () => {
  test.each([
    ['', 'attachment; filename="holiday.mp3"'],
    ['?inline=0', 'attachment; filename="holiday.mp3"'],
    ['?inline=1', 'inline; filename="holiday.mp3"'],
  ])(
    '%s: Content-Disposition is %s, of the whole, of a part and for HEAD',
    async (query, value) => {
      for (const row of [
        { headers: {} },
        { headers: { range: 'bytes=0-1' } },
        { method: 'HEAD', headers: {} },
      ] as const) {
        const { headers } = await ask(`/api/v1/files/${id}${query}`, row);
        expect(headers?.['content-disposition']).toBe(value);
      }
    },
  );

  test('of any other value is refused', async () => {
    expect((await ask(`/api/v1/files/${id}?inline=yes`, { headers: {} })).statusCode).toBe(422);
  });
});
