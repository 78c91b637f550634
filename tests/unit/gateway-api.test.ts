import { beforeEach, describe, expect, test } from 'vitest';
import { acceptedSchema, jwksSchema, pageSchema } from '../../functions/gateway/schemas.ts';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import {
  type Conversion,
  cancelled,
  claimed,
  expired,
  failed,
} from '../../src/domain/conversion.ts';
import { problemSchema } from '../../src/http/problem-responses.ts';
import { ADA, EVE, type TestGateway, testGateway, uploadBody } from '../support/gateway.ts';
import { readyConversion } from '../support/ready-conversion.ts';

const VIDEO = new File([new Uint8Array(5_000).fill(7)], 'holiday.mp4', { type: 'video/mp4' });
const MP3 = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251);
const UNKNOWN_ID = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await testGateway();
});

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await response.json());
  expect(problem).toMatchObject({
    type: `urn:soundlift:${problem.code}`,
    title: expect.any(String),
    status: response.status,
    detail: expect.any(String),
    request_id: response.headers.get('x-request-id'),
  });
  return problem;
}

async function uploaded(body = uploadBody(VIDEO)): Promise<string> {
  const answer = await gateway.callAs(ADA, '/api/v1/files', { method: 'POST', body });
  expect(answer.status).toBe(202);
  return acceptedSchema.parse(await answer.json()).file_id;
}

function change(id: string, transition: (conversion: Conversion) => Conversion) {
  return changeConversion(gateway.conversions, id, transition);
}

const ready = (name = 'holiday.mp4', mp3 = MP3) => readyConversion(gateway, { name, mp3 });

describe('POST /api/v1/files', () => {
  test('stores the video, records it, publishes one message and answers 202', async () => {
    const answer = await gateway.callAs(ADA, '/api/v1/files', {
      method: 'POST',
      body: uploadBody(VIDEO, { bitrate: '128' }),
    });
    expect(answer.status).toBe(202);
    const { file_id: id, ...rest } = acceptedSchema.parse(await answer.json());
    expect(rest).toEqual({ filename: 'holiday.mp4', status: 'queued' });
    expect(await gateway.files.stat({ bucket: 'videos', key: id })).toEqual({ sizeBytes: 5_000 });
    const record = await gateway.conversions.find(id);
    expect(record).toMatchObject({
      state: 'queued',
      owner: { userId: ADA.userId, email: ADA.email },
      options: { bitrateKbps: 128 },
    });
    expect(record).not.toHaveProperty('outbox');
    expect(gateway.queue.published).toMatchObject([{ name: 'video.uploaded', conversionId: id }]);
  });

  test('takes every option of a conversion', async () => {
    const options = { quality: 'high', mono: 'true', track: '1', start: '1.5', end: '9' };
    const tags = { normalize: '1', cover: 'on', title: ' Über ', artist: 'A', album: 'B' };
    const id = await uploaded(uploadBody(VIDEO, { ...options, ...tags }));
    expect((await gateway.conversions.find(id))?.options).toEqual({
      quality: 'high',
      mono: true,
      track: 1,
      startSeconds: 1.5,
      endSeconds: 9,
      normalize: true,
      cover: true,
      title: 'Über',
      artist: 'A',
      album: 'B',
    });
  });

  test('works with a slash at the end as well', async () => {
    const body = uploadBody(VIDEO);
    const answer = await gateway.callAs(ADA, '/api/v1/files/', { method: 'POST', body });
    expect(answer.status).toBe(202);
  });

  test('takes the video although the broker is away, and leaves the message to the janitor', async () => {
    gateway.queue.breakDown();
    const id = await uploaded();
    expect(await gateway.conversions.find(id)).toMatchObject({
      state: 'queued',
      outbox: 'video.uploaded',
    });
  });

  test('answers 503 when the video cannot be stored, and keeps nothing', async () => {
    gateway.files.breakDown();
    const body = uploadBody(VIDEO);
    const answer = await gateway.callAs(ADA, '/api/v1/files', { method: 'POST', body });
    expect((await problemOf(answer)).code).toBe('unavailable');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(gateway.queue.published).toEqual([]);
  });

  test.each([
    ['a wrong field name', uploadBody(VIDEO, { field: 'file' }), 'video'],
    ['a field that is no file', uploadBody('text'), 'video'],
    ['an empty file', uploadBody(new File([], 'empty.mp4')), 'video'],
    ['a bitrate that is too low', uploadBody(VIDEO, { bitrate: '63' }), 'bitrate'],
    ['a bitrate that is too high', uploadBody(VIDEO, { bitrate: '321' }), 'bitrate'],
    [
      'a quality beside a bitrate',
      uploadBody(VIDEO, { bitrate: '96', quality: 'high' }),
      'quality',
    ],
    ['a quality that is none', uploadBody(VIDEO, { quality: 'best' }), 'quality'],
    ['an end before the start', uploadBody(VIDEO, { start: '9', end: '8' }), 'end'],
    ['a start that is negative', uploadBody(VIDEO, { start: '-1' }), 'start'],
    ['a track that is none', uploadBody(VIDEO, { track: '1.5' }), 'track'],
    ['a flag that is none', uploadBody(VIDEO, { mono: 'maybe' }), 'mono'],
    ['a title of nothing', uploadBody(VIDEO, { title: ' ' }), 'title'],
    ['a bitrate that is no number', uploadBody(VIDEO, { bitrate: 'best' }), 'bitrate'],
  ])('refuses %s by 422 that names the field', async (_what, body, field) => {
    const answer = await gateway.callAs(ADA, '/api/v1/files', { method: 'POST', body });
    expect(answer.status).toBe(422);
    expect((await problemOf(answer)).errors).toMatchObject([{ field }]);
    expect(gateway.queue.published).toEqual([]);
  });

  test('refuses a body that is not multipart', async () => {
    const answer = await gateway.callAs(ADA, '/api/v1/files', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(answer.status).toBe(415);
    expect((await problemOf(answer)).code).toBe('unsupported-media-type');
  });

  test('refuses a multipart body that is cut', async () => {
    const answer = await gateway.callAs(ADA, '/api/v1/files', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="video"; filename="a"\r\n\r\nabc',
    });
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).code).toBe('invalid-input');
  });

  test('refuses more than one request can carry by 413', async () => {
    const large = new File([new Uint8Array(10 * 1024 * 1024 + 1)], 'large.mp4');
    const body = uploadBody(large);
    const answer = await gateway.callAs(ADA, '/api/v1/files', { method: 'POST', body });
    expect(answer.status).toBe(413);
    const { code, detail } = await problemOf(answer);
    expect(code).toBe('too-large');
    expect(detail).toContain('/api/v1/uploads');
  });

  test('shows the file name without folders and control characters', async () => {
    const name = '../../etc/\u202epass\u0000wd.mp4';
    const answer = await gateway.callAs(ADA, '/api/v1/files', {
      method: 'POST',
      body: uploadBody(new File([VIDEO], name)),
    });
    expect(acceptedSchema.parse(await answer.json()).filename).toBe('passwd.mp4');
  });
});

describe('GET /api/v1/files', () => {
  test('lists one’s own conversions, newest first, page by page', async () => {
    const ids = [await uploaded(), await uploaded(), await uploaded()].reverse();
    const answer = await gateway.callAs(ADA, '/api/v1/files?limit=2');
    const first = pageSchema.parse(await answer.json());
    expect(first.items.map((item) => item.file_id)).toEqual(ids.slice(0, 2));
    const second = await gateway.callAs(ADA, `/api/v1/files/?limit=2&cursor=${first.next}`);
    expect(await second.json()).toMatchObject({ items: [{ file_id: ids[2] }], next: null });
  });

  test('shows nobody else’s', async () => {
    await uploaded();
    expect(await (await gateway.callAs(EVE, '/api/v1/files')).json()).toEqual({
      items: [],
      next: null,
    });
  });

  test('filters by state, one or several', async () => {
    const isReady = await ready();
    const isQueued = await uploaded();
    const isCancelled = await uploaded();
    await change(isCancelled, (it) => cancelled(it, gateway.clock.now()));
    const listed = async (query: string) => {
      const answer = await gateway.callAs(ADA, `/api/v1/files?${query}`);
      return pageSchema.parse(await answer.json()).items.map((item) => item.file_id);
    };
    expect(await listed('state=ready')).toEqual([isReady]);
    expect(await listed('state=queued&state=cancelled')).toEqual([isCancelled, isQueued]);
    expect(await listed('state=failed')).toEqual([]);
  });

  test.each(['limit=0', 'limit=101', 'limit=many', 'cursor=yesterday', 'limit=1&limit=2'])(
    'refuses %s',
    async (query) => {
      const answer = await gateway.callAs(ADA, `/api/v1/files?${query}`);
      expect(answer.status).toBe(422);
      expect((await problemOf(answer)).errors).toMatchObject([{ field: query.split('=')[0] }]);
    },
  );
});

describe('GET /api/v1/files/{id}/status', () => {
  test('shows how far the conversion is', async () => {
    const id = await uploaded();
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}/status`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      file_id: id,
      filename: 'holiday.mp4',
      status: 'queued',
      progress: 0,
      seconds_left: null,
      video_size_bytes: 5_000,
      audio_size_bytes: null,
      duration_seconds: null,
      source: null,
      made: null,
      warnings: [],
      error: null,
      attempts: 0,
      created_at: '2026-11-24T12:00:00.000Z',
      updated_at: '2026-11-24T12:00:00.000Z',
      expires_at: null,
    });
  });
});

describe('GET /api/v1/files/{id}', () => {
  test('gives the whole MP3 by the name of the video', async () => {
    const id = await ready('Übung 1.mov');
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`);
    expect(answer.status).toBe(200);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(MP3);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': '3000',
      'accept-ranges': 'bytes',
      etag: `"${id}.token"`,
      // RFC 6266 with RFC 8187 beside it.
      'content-disposition': `attachment; filename="?bung 1.mp3"; filename*=UTF-8''%C3%9Cbung%201.mp3`,
    });
  });

  test('gives a part of it', async () => {
    const id = await ready();
    const headers = { range: 'bytes=-100' };
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`, { headers });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe('bytes 2900-2999/3000');
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(MP3.subarray(2_900));
  });

  test('answers HEAD with the length and without a body', async () => {
    const id = await ready();
    // RFC 9110, section 14.2: Range is for GET alone.
    const headers = { range: 'bytes=0-9' };
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`, { method: 'HEAD', headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('3000');
    expect(await answer.text()).toBe('');
  });

  test('answers a range outside of the file by 416 with the size', async () => {
    const id = await ready();
    const headers = { range: 'bytes=3000-' };
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`, { headers });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe('bytes */3000');
    expect((await problemOf(answer)).code).toBe('range-not-satisfiable');
  });

  test('answers the ETag that is known by 304, and another If-Match by 412', async () => {
    const id = await ready();
    const known = { 'if-none-match': `"${id}.token"` };
    const notModified = await gateway.callAs(ADA, `/api/v1/files/${id}`, { headers: known });
    expect(notModified.status).toBe(304);
    expect(notModified.headers.get('etag')).toBe(`"${id}.token"`);
    const other = { 'if-match': '"other"' };
    const refused = await gateway.callAs(ADA, `/api/v1/files/${id}`, { headers: other });
    expect(refused.status).toBe(412);
    expect((await problemOf(refused)).code).toBe('precondition-failed');
  });

  test('gives less than was asked for where that is too much for one answer', async () => {
    const id = await ready('long.mp4', new Uint8Array(5 * 1024 * 1024));
    const headers = { range: 'bytes=1-' };
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`, { headers });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe('bytes 1-4194304/5242880');
    expect((await answer.arrayBuffer()).byteLength).toBe(4 * 1024 * 1024);
  });

  test('asks for parts where the whole is too much for a function', async () => {
    const id = await ready('film.mp4', new Uint8Array(129 * 1024 * 1024));
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`);
    expect(answer.status).toBe(413);
    expect((await problemOf(answer)).detail).toContain('by Range, of 4 MiB');
  });

  test('answers 410 when the janitor has just removed it', async () => {
    const id = await ready();
    await gateway.files.remove({ bucket: 'mp3s', key: `${id}.token` });
    expect((await gateway.callAs(ADA, `/api/v1/files/${id}`)).status).toBe(410);
  });

  test('answers 409 while it is not ready', async () => {
    const answer = await gateway.callAs(ADA, `/api/v1/files/${await uploaded()}`);
    expect(answer.status).toBe(409);
    expect(await problemOf(answer)).toMatchObject({
      code: 'not-ready',
      detail: 'The MP3 is not ready: the conversion is queued.',
    });
  });

  test('answers 409 with the reason when the conversion has failed', async () => {
    const id = await uploaded();
    const now = gateway.clock.now();
    await change(id, (it) => failed(it, { code: 'no-audio', message: 'No sound.' }, now, now));
    const problem = await problemOf(await gateway.callAs(ADA, `/api/v1/files/${id}`));
    expect(problem).toMatchObject({ code: 'conversion-failed', status: 409, detail: 'No sound.' });
  });

  test('answers 410 when it has expired', async () => {
    const id = await ready();
    await change(id, (it) => expired(it, gateway.clock.now()));
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`);
    expect(answer.status).toBe(410);
    expect((await problemOf(answer)).code).toBe('expired');
  });
});

describe('POST /api/v1/files/{id}/cancel', () => {
  const cancel = (id: string) =>
    gateway.callAs(ADA, `/api/v1/files/${id}/cancel`, { method: 'POST' });

  test('ends a conversion that waits, removes its video, and shows it as cancelled', async () => {
    const id = await uploaded();
    const answer = await cancel(id);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ file_id: id, status: 'cancelled', error: null });
    expect(await gateway.files.stat({ bucket: 'videos', key: id })).toBeUndefined();
    const shown = await gateway.callAs(ADA, `/api/v1/files/${id}/status`);
    expect(await shown.json()).toMatchObject({ status: 'cancelled', expires_at: null });
    expect(gateway.queue.published).toMatchObject([{ name: 'video.uploaded' }]);
  });

  test('takes the lease from a converter, and removes what it has stored', async () => {
    const id = await uploaded();
    const now = gateway.clock.now();
    const lease = { token: 'token', until: new Date(+now + 30_000) };
    await change(id, (it) => claimed(it, lease, now));
    const part = { bucket: 'mp3s', key: `${id}.token` } as const;
    await gateway.files.put(part, VIDEO.stream());
    expect((await cancel(id)).status).toBe(200);
    expect(await gateway.files.stat(part)).toBeUndefined();
    expect(await gateway.conversions.find(id)).not.toHaveProperty('lease');
  });

  test('changes nothing the second time', async () => {
    const id = await uploaded();
    await cancel(id);
    const first = await gateway.conversions.find(id);
    expect((await cancel(id)).status).toBe(200);
    expect(await gateway.conversions.find(id)).toEqual(first);
  });

  test('answers 409 once it is ready, failed or expired', async () => {
    const now = gateway.clock.now();
    const [isReady, isExpired, isFailed] = [await ready(), await ready(), await uploaded()];
    await change(isExpired, (it) => expired(it, now));
    await change(isFailed, (it) => failed(it, { code: 'no-audio', message: 'No.' }, now, now));
    for (const id of [isReady, isExpired, isFailed]) {
      const before = await gateway.conversions.find(id);
      const answer = await cancel(id);
      expect(answer.status).toBe(409);
      expect((await problemOf(answer)).code).toBe('already-ended');
      expect(await gateway.conversions.find(id)).toEqual(before);
    }
    expect(await gateway.files.stat({ bucket: 'mp3s', key: `${isReady}.token` })).toBeDefined();
  });

  test('makes a download answer 409', async () => {
    const id = await uploaded();
    await cancel(id);
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`);
    expect(answer.status).toBe(409);
    expect((await problemOf(answer)).code).toBe('cancelled');
  });

  test('ends an upload that is under way: it answers 409, and keeps nothing but the record', async () => {
    const body = uploadBody(VIDEO);
    const { put } = gateway.files;
    gateway.files.put = async (...given) => {
      const { items } = await gateway.conversions.listByOwner(ADA.userId, { limit: 1 });
      expect((await cancel(items[0]?.id ?? '')).status).toBe(200);
      return await put(...given);
    };
    const answer = await gateway.callAs(ADA, '/api/v1/files', { method: 'POST', body });
    expect(answer.status).toBe(409);
    const { items } = await gateway.conversions.listByOwner(ADA.userId, { limit: 1 });
    expect(items).toMatchObject([{ state: 'cancelled' }]);
    const key = items[0]?.id ?? '';
    expect(await gateway.files.stat({ bucket: 'videos', key })).toBeUndefined();
    expect(gateway.queue.published).toEqual([]);
  });
});

describe('DELETE /api/v1/files/{id}', () => {
  test('removes video, MP3 and record', async () => {
    const id = await ready();
    const answer = await gateway.callAs(ADA, `/api/v1/files/${id}`, { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect(await gateway.conversions.find(id)).toBeUndefined();
    expect(await gateway.files.stat({ bucket: 'videos', key: id })).toBeUndefined();
    expect(await gateway.files.stat({ bucket: 'mp3s', key: `${id}.token` })).toBeUndefined();
  });
});

describe.each([
  ['GET', '/api/v1/files/{id}'],
  ['HEAD', '/api/v1/files/{id}'],
  ['GET', '/api/v1/files/{id}/status'],
  ['DELETE', '/api/v1/files/{id}'],
  ['POST', '/api/v1/files/{id}/cancel'],
])('%s %s', (method, template) => {
  const path = (id: string) => template.replace('{id}', id);

  test('answers 404 for somebody else’s file, as for one that is not there', async () => {
    const id = await ready();
    for (const unreachable of [id, UNKNOWN_ID]) {
      const answer = await gateway.callAs(EVE, path(unreachable), { method });
      expect(answer.status).toBe(404);
    }
    expect(await gateway.conversions.find(id)).toMatchObject({ state: 'ready' });
  });

  test('answers 422 for an id that is none', async () => {
    expect((await gateway.callAs(ADA, path('1'), { method })).status).toBe(422);
  });
});

describe.each([
  ['POST', '/api/v1/files'],
  ['GET', '/api/v1/files'],
  ['GET', `/api/v1/files/${UNKNOWN_ID}`],
  ['GET', `/api/v1/files/${UNKNOWN_ID}/status`],
  ['DELETE', `/api/v1/files/${UNKNOWN_ID}`],
  ['POST', `/api/v1/files/${UNKNOWN_ID}/cancel`],
])('%s %s', (method, path) => {
  test.each([
    ['no token', {}],
    ['another scheme', { authorization: 'Basic YWRhOnNlY3JldA==' }],
    ['a token that is none', { authorization: 'Bearer abc.def.ghi' }],
  ])('answers %s by 401', async (_what, headers) => {
    const answer = await gateway.call(path, { method, headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect((await problemOf(answer)).code).toBe('not-authenticated');
  });
});

describe('what the service says of itself', () => {
  test('GET /health answers 200 with the latency of every part', async () => {
    gateway = await testGateway({ probes: [{ part: 'files', ping: async () => undefined }] });
    const answer = await gateway.call('/health');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      status: 'ok',
      parts: { files: { status: 'up', latency_ms: expect.any(Number) } },
    });
  });

  test('GET /health answers 503 and names the part that is down', async () => {
    const down = { part: 'queue', ping: () => Promise.reject(new Error('refused')) };
    gateway = await testGateway({ probes: [down] });
    const answer = await gateway.call('/health');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({
      status: 'degraded',
      parts: { queue: { status: 'down' } },
    });
  });

  test('GET /.well-known/jwks.json shows the public keys and nothing private', async () => {
    const answer = await gateway.call('/.well-known/jwks.json');
    const { keys } = jwksSchema.parse(await answer.json());
    expect(keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }]);
    expect(keys[0]).not.toHaveProperty('d');
  });

  test('GET /openapi.json has every path', async () => {
    const answer = await gateway.call('/openapi.json');
    expect(await answer.json()).toMatchObject({
      openapi: '3.1.0',
      paths: { '/api/v1/files/{id}': { get: {}, delete: {} }, '/api/v1/users': { post: {} } },
    });
  });

  test('GET /docs shows Swagger UI from this service alone', async () => {
    const page = await (await gateway.call('/docs')).text();
    const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address);
    expect(addresses).toHaveLength(3);
    for (const address of addresses) {
      expect(address).toMatch(/^\/docs\//);
      expect((await gateway.call(address ?? '')).status).toBe(200);
    }
    for (const other of ['package.json', 'constructor', '__proto__']) {
      expect((await gateway.call(`/docs/${other}`)).status).toBe(404);
    }
  });

  test.each([
    ['PUT', '/api/v1/files', 'POST, GET, HEAD'],
    ['PATCH', `/api/v1/files/${UNKNOWN_ID}/`, 'GET, HEAD, DELETE'],
    ['GET', `/api/v1/files/${UNKNOWN_ID}/cancel`, 'POST'],
    ['POST', '/health', 'GET, HEAD'],
    ['QUERY', '/docs/start.js', 'GET, HEAD'],
  ])('%s %s is 405, with what is answered there', async (method, path, allow) => {
    const answer = await gateway.callAs(ADA, path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
    expect((await problemOf(answer)).code).toBe('method-not-allowed');
  });

  test('anything else is 404', async () => {
    expect((await problemOf(await gateway.call('/nothing'))).code).toBe('not-found');
  });
});
