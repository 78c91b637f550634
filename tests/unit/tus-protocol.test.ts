import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { acceptedSchema } from '../../functions/gateway/schemas.ts';
import { problemSchema } from '../../src/http/problem-responses.ts';
import { ADA, EVE, type TestGateway, testGateway } from '../support/gateway.ts';
import { idOf, metadata, storedVideo, tusClient } from '../support/tus-client.ts';

/** https://tus.io/protocols/resumable-upload, version 1.0.0, sentence by sentence, and what is refused. */

const VIDEO = Buffer.from('0123456789');
const FIRST = VIDEO.subarray(0, 4);
const REST = VIDEO.subarray(4);
const MAX_BYTES = 1024 * 1024;

let gateway: TestGateway;
let tus: ReturnType<typeof tusClient>;
beforeEach(async () => {
  gateway = await testGateway();
  tus = tusClient(gateway);
});

const digestOf = (algorithm: string, bytes: Uint8Array) =>
  `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`;

async function codeOf(answer: Response): Promise<string> {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await answer.json());
  expect(problem.status).toBe(answer.status);
  return problem.code;
}

/** How far an upload is, as its sender sees it. */
async function offsetOf(path: string): Promise<number> {
  const answer = await tus.head(path);
  expect(answer.status).toBe(200);
  return Number(answer.headers.get('upload-offset'));
}

async function recordOf(path: string) {
  return await gateway.conversions.find(idOf(path));
}

describe('core: headers', () => {
  test('“The Tus-Resumable header MUST be included in every request and response except for OPTIONS requests. The value MUST be the version of the protocol used by the Client or the Server.”', async () => {
    const path = await tus.created();
    const answers = [
      await tus.create(),
      await tus.head(path),
      await tus.patch(path, 0, FIRST),
      await tus.patch(path, 9, FIRST),
      await tus.create({ 'upload-length': 'many' }),
      await gateway.call(path, { method: 'HEAD' }),
      await tus.send(path, 'PUT', {}),
      await tus.terminate(path),
      await tus.terminate(path),
    ];
    expect(answers.map(({ headers }) => headers.get('tus-resumable'))).toEqual(
      answers.map(() => '1.0.0'),
    );
    expect(answers.map(({ status }) => status)).toEqual([
      201, 200, 204, 409, 400, 401, 405, 204, 404,
    ]);
  });

  test.each(['0.2.2', '2.0.0', undefined])(
    '“If the version specified by the Client is not supported by the Server, it MUST respond with the 412 Precondition Failed status and MUST include the Tus-Version header into the response. In addition, the Server MUST NOT process the request.” (%s)',
    async (version) => {
      const path = await tus.created();
      for (const answer of [
        await tus.create({ 'tus-resumable': version }),
        await tus.patch(path, 0, FIRST, { 'tus-resumable': version }),
        await tus.send(path, 'DELETE', { 'tus-resumable': version }),
      ]) {
        expect(answer.status).toBe(412);
        expect(answer.headers.get('tus-version')).toBe('1.0.0');
        expect(await codeOf(answer)).toBe('protocol-version');
      }
      expect(await offsetOf(path)).toBe(0);
    },
  );

  test('“The X-HTTP-Method-Override request header MUST be a string which MUST be interpreted as the request’s method by the Server, if the header is presented. The actual method of the request MUST be ignored.”', async () => {
    const path = await tus.created();
    const patched = await tus.send(
      path,
      'POST',
      {
        'x-http-method-override': 'PATCH',
        'content-type': 'application/offset+octet-stream',
        'upload-offset': '0',
      },
      FIRST,
    );
    expect(patched.status).toBe(204);
    expect(await offsetOf(path)).toBe(4);
    const removed = await tus.send(path, 'POST', { 'x-http-method-override': 'DELETE' });
    expect(removed.status).toBe(204);
    expect((await tus.head(path)).status).toBe(404);
  });

  test.each(['-1', '1.5', 'ten', '0x10', '1e3', '01'])(
    '“The Upload-Offset request and response header … The value MUST be a non-negative integer. … The Upload-Length request and response header … The value MUST be a non-negative integer.” (%s)',
    async (value) => {
      expect(await codeOf(await tus.create({ 'upload-length': value }))).toBe('malformed');
      const path = await tus.created();
      const answer = await tus.patch(path, 0, FIRST, { 'upload-offset': value });
      expect(answer.status).toBe(400);
      expect(await offsetOf(path)).toBe(0);
    },
  );
});

describe('core: HEAD', () => {
  test('“The Server MUST always include the Upload-Offset header in the response for a HEAD request, even if the offset is 0, or the upload is already considered completed.”', async () => {
    const path = await tus.created();
    expect((await tus.head(path)).headers.get('upload-offset')).toBe('0');
    await tus.patch(path, 0, VIDEO);
    expect((await tus.head(path)).headers.get('upload-offset')).toBe('10');
  });

  test('“If the size of the upload is known, the Server MUST include the Upload-Length header in the response.”', async () => {
    expect((await tus.head(await tus.created())).headers.get('upload-length')).toBe('10');
  });

  test('“The Server SHOULD acknowledge successful HEAD requests with a 200 OK or 204 No Content status.”', async () => {
    const answer = await tus.head(await tus.created());
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
  });

  test('“If the resource is not found, the Server SHOULD return either the 404 Not Found, 410 Gone or 403 Forbidden status without the Upload-Offset header.”', async () => {
    for (const id of ['0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10', 'no-id', '..%2f..']) {
      const answer = await tus.head(`/api/v1/uploads/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.headers.get('upload-offset')).toBeNull();
    }
  });

  test('“The Server MUST prevent the client and/or proxies from caching the response by adding the Cache-Control: no-store header to the response.”', async () => {
    const answer = await tus.head(await tus.created());
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('core: PATCH', () => {
  test('“The Server SHOULD accept PATCH requests against any upload URL and apply the bytes contained in the message at the given offset specified by the Upload-Offset header.”', async () => {
    const path = await tus.created();
    expect((await tus.patch(path, 0, FIRST)).status).toBe(204);
    expect((await tus.patch(path, 4, REST)).status).toBe(204);
    expect(await storedVideo(gateway, path)).toBe('0123456789');
  });

  test.each(['application/octet-stream', 'video/mp4', 'application/offset+octet-stream; a=b', ''])(
    '“All PATCH requests MUST use Content-Type: application/offset+octet-stream, otherwise the server SHOULD return a 415 Unsupported Media Type status.” (%s)',
    async (type) => {
      const path = await tus.created();
      const answer = await tus.patch(path, 0, FIRST, { 'content-type': type || undefined });
      expect(answer.status).toBe(415);
      expect(await codeOf(answer)).toBe('unsupported-media-type');
      expect(await offsetOf(path)).toBe(0);
    },
  );

  test('“The Upload-Offset header’s value MUST be equal to the current offset of the resource.” (missing)', async () => {
    const path = await tus.created();
    const answer = await tus.patch(path, 0, FIRST, { 'upload-offset': undefined });
    expect(answer.status).toBe(400);
    expect(await codeOf(answer)).toBe('malformed');
  });

  test.each([0, 3, 5, 10, 99])(
    '“If the offsets do not match, the Server MUST respond with the 409 Conflict status without modifying the upload resource.” (%s)',
    async (offset) => {
      const path = await tus.created();
      await tus.patch(path, 0, FIRST);
      const answer = await tus.patch(path, offset, Buffer.from('x'));
      expect(answer.status).toBe(409);
      expect(await codeOf(answer)).toBe('offset-mismatch');
      expect(await offsetOf(path)).toBe(4);
      await tus.patch(path, 4, REST);
      expect(await storedVideo(gateway, path)).toBe('0123456789');
    },
  );

  test('“The Server MUST acknowledge successful PATCH requests with the 204 No Content status. It MUST include the Upload-Offset header containing the new offset.”', async () => {
    const path = await tus.created();
    const answer = await tus.patch(path, 0, FIRST);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('upload-offset')).toBe('4');
    expect(await answer.text()).toBe('');
  });

  test('“The new offset MUST be the sum of the offset before the PATCH request and the number of bytes received and processed or stored during the current PATCH request.”', async () => {
    const path = await tus.created();
    for (const [offset, size] of [
      [0, 3],
      [3, 0],
      [3, 5],
      [8, 2],
    ] as const) {
      const answer = await tus.patch(path, offset, VIDEO.subarray(offset, offset + size));
      expect(answer.headers.get('upload-offset')).toBe(String(offset + size));
    }
    expect(await storedVideo(gateway, path)).toBe('0123456789');
  });

  test('“If the server receives a PATCH request against a non-existent resource it SHOULD return a 404 Not Found status.”', async () => {
    const path = '/api/v1/uploads/0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';
    expect((await tus.patch(path, 0, FIRST)).status).toBe(404);
  });

  test('more than the length is 413 and changes nothing', async () => {
    const path = await tus.created();
    await tus.patch(path, 0, FIRST);
    const answer = await tus.patch(path, 4, VIDEO);
    expect(answer.status).toBe(413);
    expect(await codeOf(answer)).toBe('too-large');
    expect(await offsetOf(path)).toBe(4);
  });
});

describe('core: OPTIONS', () => {
  test('“A successful response indicated by the 204 No Content or 200 OK status MUST contain the Tus-Version header. It MAY include the Tus-Extension and Tus-Max-Size headers.”', async () => {
    for (const path of ['/api/v1/uploads', '/api/v1/uploads/', '/api/v1/uploads/x']) {
      const { status, headers } = await tus.options(path);
      expect(status).toBe(204);
      expect(headers.get('tus-version')).toBe('1.0.0');
      expect(headers.get('tus-max-size')).toBe(String(MAX_BYTES));
      expect(headers.get('tus-extension')?.split(',').sort()).toEqual([
        'checksum',
        'creation',
        'creation-defer-length',
        'creation-with-upload',
        'expiration',
        'termination',
      ]);
    }
  });

  test('“The Client SHOULD NOT include the Tus-Resumable header in the request and the Server MUST ignore the header.”', async () => {
    const headers = { 'tus-resumable': '0.2.2' };
    const answer = await gateway.call('/api/v1/uploads', { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('tus-resumable')).toBeNull();
  });

  test('says how large a part should be, and so does the answer to a creation', async () => {
    const limit = `max-size=${MAX_BYTES}, max-append-size=4194304, max-age=86400`;
    expect((await tus.options()).headers.get('upload-limit')).toBe(limit);
    expect((await tus.create()).headers.get('upload-limit')).toBe(limit);
  });
});

describe('what is offered', () => {
  test("“The Tus-Version response header MUST be a comma-separated list of protocol versions supported by the Server. The list MUST be sorted by Server's preference where the first one is the most preferred one.”", async () => {
    expect((await tus.options()).headers.get('tus-version')?.split(',')).toEqual(['1.0.0']);
    expect((await tus.create({ 'tus-resumable': '1.0.0' })).status).toBe(201);
  });

  test('“The Tus-Extension response header MUST be a comma-separated list of the extensions supported by the Server.”', async () => {
    const { headers } = await tus.options();
    expect(headers.get('tus-extension')).toMatch(/^[a-z-]+(,[a-z-]+)*$/);
  });

  test('“if the Server does not offer the Creation extension, it MUST NOT offer the Creation With Upload extension either.”', async () => {
    const extensions = (await tus.options()).headers.get('tus-extension')?.split(',');
    expect(extensions?.filter((name) => /^creation(-with-upload)?$/.test(name))).toHaveLength(2);
  });

  test('“If the Server can handle trailers, this behavior MUST be announced by adding checksum-trailer to the Tus-Extension header.” (it cannot: Lambda hands over none)', async () => {
    const { headers } = await tus.options();
    expect(headers.get('tus-extension')).not.toContain('checksum-trailer');
  });

  test.each([
    ['creation', 'it MUST add creation to the Tus-Extension header.'],
    ['creation-with-upload', 'it MUST advertise this by including creation-with-upload'],
    ['creation-defer-length', 'it MUST add creation-defer-length to the Tus-Extension header.'],
    ['expiration', 'the Server MUST add expiration to the Tus-Extension header.'],
    ['checksum', 'the Server MUST add checksum to the Tus-Extension header.'],
    ['termination', 'it MUST be announced by adding termination to the Tus-Extension header.'],
  ])('%s: “%s”', async (extension) => {
    const { headers } = await tus.options();
    expect(headers.get('tus-extension')?.split(',')).toContain(extension);
  });

  test('“The Tus-Max-Size response header MUST be a non-negative integer indicating the maximum allowed size of an entire upload in bytes. The Server SHOULD set this header if there is a known hard limit.”', async () => {
    expect((await tus.options()).headers.get('tus-max-size')).toBe(`${MAX_BYTES}`);
  });

  test('“The names of the checksum algorithms MUST only consist of ASCII characters with the modification that uppercase characters are excluded.”', async () => {
    const names = (await tus.options()).headers.get('tus-checksum-algorithm');
    expect(names).toMatch(/^[a-z0-9]+(,[a-z0-9]+)*$/);
  });
});

describe('creation', () => {
  test('“The Server MUST acknowledge a successful upload creation with the 201 Created status. The Server MUST set the Location header to the URL of the created resource. This URL MAY be absolute or relative.”', async () => {
    const answer = await tus.create();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/^\/api\/v1\/uploads\/[0-9a-f-]{36}$/);
    expect(await offsetOf(answer.headers.get('location') ?? '')).toBe(0);
  });

  test('has a Location that does not depend on what a proxy says', async () => {
    const answer = await tus.create({ 'x-forwarded-proto': 'wss, https', forwarded: 'host=evil' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(/^\/api\/v1\/uploads\//);
  });

  test('“The request MUST include one of the following headers: a) Upload-Length … b) Upload-Defer-Length: 1”', async () => {
    for (const headers of [
      { 'upload-length': undefined },
      { 'upload-length': '10', 'upload-defer-length': '1' },
    ]) {
      const answer = await tus.create(headers);
      expect(answer.status).toBe(400);
      expect(await codeOf(answer)).toBe('malformed');
    }
  });

  test('“If the length of the upload exceeds the maximum, which MAY be specified using the Tus-Max-Size header, the Server MUST respond with the 413 Request Entity Too Large status.”', async () => {
    const answer = await tus.create({ 'upload-length': String(MAX_BYTES + 1) });
    expect(answer.status).toBe(413);
    expect(await codeOf(answer)).toBe('too-large');
    expect((await tus.create({ 'upload-length': String(MAX_BYTES) })).status).toBe(201);
  });

  test('“responses to HEAD requests MUST include the Upload-Metadata header and its value as specified by the Client during the creation.”', async () => {
    const said = `${metadata({ filename: 'Übung.mp4', filetype: 'video/mp4' })},is_confidential`;
    const path = await tus.created({ 'upload-metadata': said });
    expect((await tus.head(path)).headers.get('upload-metadata')).toBe(said);
    await tus.patch(path, 0, VIDEO);
    expect((await tus.head(path)).headers.get('upload-metadata')).toBe(said);
  });

  test.each([
    ['a key that is empty', 'a YQ==, YQ=='],
    ['a value that is not Base64', 'filename a'],
    ['two spaces', 'filename  YQ=='],
    ['the same key twice', 'filename YQ==,filename Yg=='],
    ['nothing', ','],
    ['a key of objects', '__proto__ YQ=='],
  ])(
    '“Upload-Metadata … MUST consist of one or more comma-separated key-value pairs. The key and value MUST be separated by a space. The key MUST NOT contain spaces and commas and MUST NOT be empty. The key SHOULD be ASCII encoded and the value MUST be Base64 encoded. All keys MUST be unique.” (%s)',
    async (_what, header) => {
      const answer = await tus.create({ 'upload-metadata': header });
      expect(answer.status).toBe(400);
      expect(await codeOf(answer)).toBe('malformed');
    },
  );

  test.each([
    ['is_confidential,filename YS5tcDQ=', 'a.mp4'],
    ['is_confidential ,filename YS5tcDQ=', 'a.mp4'],
    ['filename', 'video'],
  ])(
    '“The value MAY be empty. In these cases, the space, which would normally separate the key and the value, MAY be left out.” (%s)',
    async (header, shown) => {
      const path = await tus.created({ 'upload-metadata': header });
      expect((await recordOf(path))?.video.fileName).toBe(shown);
    },
  );

  test('metadata of 8 KiB is taken, and more is not', async () => {
    const fits = `filename YS5tcDQ=,${'k'.repeat(8192 - 18)}`;
    expect(fits).toHaveLength(8192);
    expect((await tus.create({ 'upload-metadata': fits })).status).toBe(201);
    const answer = await tus.create({ 'upload-metadata': `${fits}k` });
    expect(answer.status).toBe(400);
    expect(await codeOf(answer)).toBe('malformed');
  });

  test.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\videos\\holiday.mp4', 'holiday.mp4'],
    ['a\u0000b\u001b[31m\r\n.mp4', 'ab[31m.mp4'],
    ['\u202egpj.mp4', 'gpj.mp4'],
    ['/', 'video'],
    ['', 'video'],
  ])(
    '“Since metadata can contain arbitrary binary values, Servers SHOULD carefully validate metadata values or sanitize them” (a file called %j is called %s)',
    async (given, shown) => {
      const path = await tus.created({ 'upload-metadata': metadata({ filename: given }) });
      expect((await recordOf(path))?.video.fileName).toBe(shown);
    },
  );

  test('takes the options of a conversion, and other keys too', async () => {
    const given = { bitrate: '128', start: '1.5', title: 'Über', relativePath: 'null' };
    const path = await tus.created({ 'upload-metadata': metadata(given) });
    expect((await recordOf(path))?.options).toEqual({
      bitrateKbps: 128,
      startSeconds: 1.5,
      title: 'Über',
    });
  });

  test('names every option that is not acceptable', async () => {
    const given = metadata({ bitrate: '7', quality: 'best' });
    const answer = await tus.create({ 'upload-metadata': given });
    expect(answer.status).toBe(422);
    const { errors } = problemSchema.parse(await answer.json());
    expect(errors?.map(({ field }) => field)).toEqual(['bitrate', 'quality']);
  });

  test('“The Upload-Length header MAY be set to 0, indicating that the Client wants to upload an empty file.” (refused: no video is empty)', async () => {
    expect((await tus.create({ 'upload-length': '0' })).status).toBe(422);
  });

  test('concatenation is not offered', async () => {
    const answer = await tus.create({ 'upload-concat': 'partial' });
    expect(answer.status).toBe(400);
    expect(await codeOf(answer)).toBe('malformed');
  });
});

describe('creation-with-upload', () => {
  const type = { 'content-type': 'application/offset+octet-stream' };

  test.each(['video/mp4', undefined])(
    '“similar rules as for the PATCH request and response apply. The Client MUST include the Content-Type: application/offset+octet-stream header.” (%s)',
    async (other) => {
      const answer = await tus.create({ 'content-type': other }, FIRST);
      expect(answer.status).toBe(415);
      expect(await codeOf(answer)).toBe('unsupported-media-type');
      const page = await gateway.conversions.listByOwner(ADA.userId, { limit: 9 });
      expect(page.items).toEqual([]);
    },
  );

  test('a type without a body is nothing to be refused', async () => {
    expect((await tus.create({ 'content-type': 'video/mp4' })).status).toBe(201);
  });

  test('“The Server SHOULD accept as many bytes as possible and MUST include the Upload-Offset header in the response and MUST set its value to the offset of the upload after applying the accepted bytes.”', async () => {
    const answer = await tus.create(type, FIRST);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('upload-offset')).toBe('4');
    const path = answer.headers.get('location') ?? '';
    expect((await tus.patch(path, 4, REST)).status).toBe(204);
    expect(await storedVideo(gateway, path)).toBe('0123456789');
  });

  test('a whole video in one request is queued', async () => {
    const answer = await tus.create(type, VIDEO);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('upload-offset')).toBe('10');
    const path = answer.headers.get('location') ?? '';
    expect((await recordOf(path))?.state).toBe('queued');
    expect(gateway.queue.published).toHaveLength(1);
  });

  test('a checksum that is wrong leaves nothing, since nobody knows its address', async () => {
    const checksum = digestOf('sha1', Buffer.from('other'));
    const answer = await tus.create({ ...type, 'upload-checksum': checksum }, FIRST);
    expect(answer.status).toBe(460);
    const page = await gateway.conversions.listByOwner(ADA.userId, { limit: 9 });
    expect(page.items).toEqual([]);
  });
});

describe('creation-defer-length', () => {
  const deferred = { 'upload-length': undefined, 'upload-defer-length': '1' };

  test('“As long as the length of the upload is not known, the Server MUST set Upload-Defer-Length: 1 in all responses to HEAD requests.”', async () => {
    const path = await tus.created(deferred);
    await tus.patch(path, 0, FIRST);
    const before = await tus.head(path);
    expect(before.headers.get('upload-defer-length')).toBe('1');
    expect(before.headers.get('upload-length')).toBeNull();
    await tus.patch(path, 4, REST.subarray(0, 1), { 'upload-length': '10' });
    const after = await tus.head(path);
    expect(after.headers.get('upload-defer-length')).toBeNull();
    expect(after.headers.get('upload-length')).toBe('10');
  });

  test('“If the length of an upload is not deferred, this header MUST be omitted.”', async () => {
    const { headers } = await tus.head(await tus.created());
    expect(headers.has('upload-defer-length')).toBe(false);
  });

  test.each(['0', '2', 'true'])(
    '“Its value MUST be 1. … If the Upload-Defer-Length header contains any other value than 1 the server should return a 400 Bad Request status.” (%s)',
    async (value) => {
      const answer = await tus.create({ ...deferred, 'upload-defer-length': value });
      expect(answer.status).toBe(400);
    },
  );

  test('“If the length was deferred using Upload-Defer-Length: 1, the Client MUST set the Upload-Length header in the next PATCH request, once the length is known. Once set the length MUST NOT be changed.”', async () => {
    const path = await tus.created(deferred);
    await tus.patch(path, 0, FIRST, { 'upload-length': '10' });
    const answer = await tus.patch(path, 4, REST, { 'upload-length': '12' });
    expect(answer.status).toBe(400);
    expect(await offsetOf(path)).toBe(4);
  });

  test('the length may be said when every byte is there', async () => {
    const path = await tus.created(deferred);
    await tus.patch(path, 0, VIDEO);
    expect((await recordOf(path))?.state).toBe('uploading');
    const answer = await tus.patch(path, 10, new Uint8Array(), { 'upload-length': '10' });
    expect(answer.status).toBe(204);
    expect((await recordOf(path))?.state).toBe('queued');
    expect(await storedVideo(gateway, path)).toBe('0123456789');
  });

  test('a length of 0, below what has come, or beyond the maximum is refused', async () => {
    const path = await tus.created(deferred);
    const empty = await tus.patch(path, 0, new Uint8Array(), { 'upload-length': '0' });
    expect(empty.status).toBe(422);
    await tus.patch(path, 0, FIRST);
    const tooShort = await tus.patch(path, 4, new Uint8Array(), { 'upload-length': '3' });
    expect(tooShort.status).toBe(400);
    const tooLong = String(MAX_BYTES + 1);
    expect((await tus.patch(path, 4, REST, { 'upload-length': tooLong })).status).toBe(413);
    expect(await offsetOf(path)).toBe(4);
  });

  test('more than the maximum is refused although no length was said', async () => {
    const path = await tus.created(deferred);
    const answer = await tus.patch(path, 0, new Uint8Array(MAX_BYTES + 1));
    expect(answer.status).toBe(413);
    expect(await offsetOf(path)).toBe(0);
  });
});

describe('expiration', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;

  test('“The value of the Upload-Expires header MUST be in RFC 9110 datetime format.” (IMF-fixdate, section 5.6.7)', async () => {
    expect((await tus.create()).headers.get('upload-expires')).toMatch(
      /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
    );
  });

  const inADay = () => new Date(+gateway.clock.now() + DAY_MS).toUTCString();

  test('“This header MUST be included in every PATCH response if the upload is going to expire. If the expiration is known at the creation, the Upload-Expires header MUST be included in the response to the initial POST request. Its value MAY change over time.”', async () => {
    const created = await tus.create();
    expect(created.headers.get('upload-expires')).toBe(inADay());
    const path = created.headers.get('location') ?? '';
    gateway.clock.advance(60_000);
    expect((await tus.patch(path, 0, FIRST)).headers.get('upload-expires')).toBe(inADay());
    expect((await tus.head(path)).headers.get('upload-expires')).toBe(inADay());
    expect((await tus.patch(path, 4, REST)).headers.get('upload-expires')).toBeNull();
  });

  test('“If a Client does attempt to resume an upload which has since been removed by the Server, the Server SHOULD respond with the … 404 Not Found or 410 Gone status. The latter one SHOULD be used if the Server is keeping track of expired uploads.”', async () => {
    const path = await tus.created();
    await tus.patch(path, 0, FIRST);
    gateway.clock.advance(DAY_MS - 1);
    expect((await tus.head(path)).status).toBe(200);
    gateway.clock.advance(1);
    for (const answer of [await tus.head(path), await tus.patch(path, 4, REST)]) {
      expect(answer.status).toBe(410);
    }
  });
});

describe('termination', () => {
  test('“When receiving a DELETE request for an existing upload the Server SHOULD free associated resources and MUST respond with the 204 No Content status confirming that the upload was terminated. For all future requests to this URL, the Server SHOULD respond with the 404 Not Found or 410 Gone status.”', async () => {
    const path = await tus.created();
    await tus.patch(path, 0, FIRST);
    expect((await tus.terminate(path)).status).toBe(204);
    expect(await recordOf(path)).toBeUndefined();
    for (const answer of [
      await tus.head(path),
      await tus.patch(path, 4, REST),
      await tus.terminate(path),
    ]) {
      expect(answer.status).toBe(404);
    }
  });

  test('of a finished upload removes its conversion', async () => {
    const path = await tus.created();
    await tus.patch(path, 0, VIDEO);
    expect((await tus.terminate(path)).status).toBe(204);
    expect(await recordOf(path)).toBeUndefined();
    expect(await gateway.files.stat({ bucket: 'videos', key: idOf(path) })).toBeUndefined();
  });
});

describe('checksum', () => {
  test('“The Tus-Checksum-Algorithm header MUST be included in the response to an OPTIONS request. … a comma-separated list of the checksum algorithms supported by the server. … The Server MUST support at least the SHA1 checksum algorithm identified by sha1.”', async () => {
    expect((await tus.options()).headers.get('tus-checksum-algorithm')).toBe('sha1,sha256');
  });

  test.each(['sha1', 'sha256'])(
    '“Once the entire request has been received, the Server MUST verify the uploaded chunk against the provided checksum using the specified algorithm. … 204 No Content if the checksums match” (%s)',
    async (algorithm) => {
      const path = await tus.created();
      const first = { 'upload-checksum': digestOf(algorithm, FIRST) };
      expect((await tus.patch(path, 0, FIRST, first)).status).toBe(204);
      const rest = { 'upload-checksum': digestOf(algorithm, REST) };
      expect((await tus.patch(path, 4, REST, rest)).status).toBe(204);
      expect(await storedVideo(gateway, path)).toBe('0123456789');
    },
  );

  test.each(['sha1', 'sha256'])(
    '“460 Checksum Mismatch if the checksums mismatch … In the first two cases the uploaded chunk MUST be discarded, and the upload and its offset MUST NOT be updated.” (%s)',
    async (algorithm) => {
      const path = await tus.created();
      await tus.patch(path, 0, FIRST);
      const checksum = digestOf(algorithm, REST);
      const answer = await tus.patch(path, 4, Buffer.from('other!'), {
        'upload-checksum': checksum,
      });
      expect(answer.status).toBe(460);
      expect(await codeOf(answer)).toBe('checksum-mismatch');
      expect(await offsetOf(path)).toBe(4);
      expect((await recordOf(path))?.state).toBe('uploading');
      const again = await tus.patch(path, 4, REST, { 'upload-checksum': checksum });
      expect(again.status).toBe(204);
      expect(await storedVideo(gateway, path)).toBe('0123456789');
    },
  );

  test.each([
    ['md5', digestOf('md5', FIRST)],
    ['a name of objects', 'constructor AAAA'],
    ['crc32', 'crc32 AAAA'],
    ['no digest', 'sha1'],
    ['a short digest', 'sha1 AAAA'],
    ['no Base64', `sha1 ${'*'.repeat(28)}`],
    ['hexadecimal', `sha1 ${createHash('sha1').update(FIRST).digest('hex')}`],
    ['two digests', `${digestOf('sha1', FIRST)} AAAA`],
  ])(
    '“The header MUST consist of the name of the used checksum algorithm and the Base64 encoded checksum separated by a space. … 400 Bad Request if the checksum algorithm is not supported by the server … In the first two cases the uploaded chunk MUST be discarded, and the upload and its offset MUST NOT be updated.” (%s)',
    async (_what, header) => {
      const path = await tus.created();
      const answer = await tus.patch(path, 0, FIRST, { 'upload-checksum': header });
      expect(answer.status).toBe(400);
      expect(await codeOf(answer)).toBe('malformed');
      expect(await offsetOf(path)).toBe(0);
    },
  );
});

describe('who may', () => {
  test('nobody without a token, and everybody may ask what there is', async () => {
    const path = await tus.created();
    const headers = { 'tus-resumable': '1.0.0' };
    for (const [address, method] of [
      ['/api/v1/uploads', 'POST'],
      [path, 'HEAD'],
      [path, 'PATCH'],
      [path, 'DELETE'],
    ] as const) {
      const answer = await gateway.call(address, { method, headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await tus.options()).status).toBe(204);
  });

  test('another user’s upload is not there', async () => {
    const path = await tus.created();
    const eve = tusClient(gateway, EVE);
    expect((await eve.head(path)).status).toBe(404);
    expect((await eve.patch(path, 0, FIRST)).status).toBe(404);
    expect((await eve.terminate(path)).status).toBe(404);
    expect(await offsetOf(path)).toBe(0);
  });

  test('what was uploaded in one piece is no upload in parts', async () => {
    const form = new FormData();
    form.set('video', new File([VIDEO], 'a.mp4'));
    const answer = await gateway.callAs(ADA, '/api/v1/files', { method: 'POST', body: form });
    const { file_id: id } = acceptedSchema.parse(await answer.json());
    expect((await tus.head(`/api/v1/uploads/${id}`)).status).toBe(404);
    expect((await tus.terminate(`/api/v1/uploads/${id}`)).status).toBe(404);
  });
});

test('an unknown method names those that there are', async () => {
  const path = await tus.created();
  const answer = await tus.send(path, 'PUT', {});
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('OPTIONS, HEAD, PATCH, DELETE');
  expect((await tus.send('/api/v1/uploads', 'GET', {})).headers.get('allow')).toBe('OPTIONS, POST');
});
