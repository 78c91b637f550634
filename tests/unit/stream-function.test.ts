import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createStreamApp, type StreamDeps } from '../../functions/gateway/stream-app.ts';
import { installAwslambda, serveFunctionUrl } from '../../scripts/start/function-url.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import { problemSchema } from '../../src/http/problem-responses.ts';
import { createStreamingHandler } from '../../src/lambda/streaming.ts';
import { createLogger } from '../../src/logger.ts';
import { ADA, type TestGateway, testGateway } from '../support/gateway.ts';
import { bytesAt, contentOf } from '../support/generated-content.ts';
import { recordingServer, serveFunction } from '../support/http-host.ts';
import { readyConversion } from '../support/ready-conversion.ts';

const MIB = 1024 * 1024;
const SIZE_BYTES = 5 * MIB;
const STREAM_URL = 'https://stream.example';
const run = promisify(execFile);

installAwslambda();

let gateway: TestGateway;
let id: string;
let path: string;
beforeEach(async () => {
  gateway = await testGateway({ streamUrl: STREAM_URL });
  id = await readyConversion(gateway, { mp3: contentOf(0, SIZE_BYTES) });
  path = `/api/v1/files/${id}`;
});

/** The function behind a URL of this machine, on the stores of the gateway. */
async function streamHost(change: Partial<StreamDeps> = {}): Promise<string> {
  const logger = createLogger({ name: 'stream', level: 'silent' });
  const app = createStreamApp({ ...gateway, logger, maxBytes: undefined, ...change });
  const server: Server = await serveFunctionUrl(createStreamingHandler(app, logger), 0);
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** Where the gateway sends on to, at another host. */
async function sentOn(to: string, init: RequestInit = {}, from = path): Promise<string> {
  const answer = await gateway.callAs(ADA, from, init);
  expect(answer.status).toBe(307);
  return (answer.headers.get('location') ?? '').replace(STREAM_URL, to);
}

describe('gateway, with STREAM_URL', () => {
  test.each([
    ['GET', undefined],
    ['HEAD', undefined],
    ['GET', 'bytes=0-'],
    ['GET', `bytes=0-${4 * MIB}`],
    ['GET', 'bytes=0-1,5-6'],
  ])('sends %s with Range %s on, which is more than a payload', async (method, range) => {
    const headers = new Headers(range === undefined ? {} : { range });
    const answer = await gateway.callAs(ADA, path, { method, headers });
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toMatch(
      new RegExp(`^${STREAM_URL}/${id}\\?key=v1\\.[0-9]+\\.0\\.[\\w-]{43}$`),
    );
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await answer.text()).toBe('');
  });

  test.each([
    [{ range: `bytes=0-${4 * MIB - 1}` }, 206],
    [{ range: 'bytes=-100' }, 206],
    [{ range: `bytes=${SIZE_BYTES}-` }, 416],
    [{ range: 'bytes=0-1', 'if-none-match': '*' }, 304],
    [{ range: 'bytes=0-1', 'if-match': '"other"' }, 412],
  ])('answers %j itself by %i', async (headers, status) => {
    expect((await gateway.callAs(ADA, path, { headers })).status).toBe(status);
  });

  // RFC 9110, section 13.2.1: "redirects and failures that can be detected before significant processing
  // occurs take precedence over the evaluation of preconditions." *stream* evaluates them.
  test.each([
    { 'if-none-match': '*' },
    { 'if-match': '"other"' },
    { range: 'bytes=0-1', 'if-range': '"other"' },
  ])('sends on whatever the conditions %j', async (headers) => {
    expect((await gateway.callAs(ADA, path, { headers })).status).toBe(307);
  });

  test('answers itself what fits', async () => {
    const small = await readyConversion(gateway, { mp3: bytesAt(0, 4 * MIB) });
    const answer = await gateway.callAs(ADA, `/api/v1/files/${small}`);
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBe(4 * MIB);
  });

  test('sends on from a mail’s link too, and keeps inline', async () => {
    const grant = { purpose: 'download', conversionId: id, generation: 0 } as const;
    const key = gateway.links.sign({ ...grant, expiresAt: new Date('2026-11-25T00:00:00Z') });
    const answer = await gateway.call(`/api/v1/links/${id}?key=${key}&inline=1`);
    expect(answer.status).toBe(307);
    expect(answer.headers.get('location')).toMatch(/&inline=1$/);
  });
});

describe('a redirect', () => {
  // The access token is for the API alone, and what is streamed needs none.
  test.each([
    [
      'curl',
      async (url: string, bearer: string) => {
        const { stdout } = await run('curl', [
          '-sSL',
          '-H',
          `Authorization: ${bearer}`,
          '-r',
          '0-',
          url,
        ]);
        return stdout;
      },
    ],
    [
      'fetch',
      async (url: string, authorization: string) => {
        return await (await fetch(url, { headers: { authorization, range: 'bytes=0-' } })).text();
      },
    ],
  ])('followed by %s takes the Range along, and not the access token', async (_client, get) => {
    const { url, seen } = await recordingServer();
    gateway = await testGateway({ streamUrl: url.replace('127.0.0.1', 'localhost') });
    id = await readyConversion(gateway, { mp3: contentOf(0, SIZE_BYTES) });
    const api = await serveFunction(gateway.handler);
    expect(await get(`${api}/api/v1/files/${id}`, await gateway.bearer(ADA))).toBe('here');
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ range: 'bytes=0-' });
    expect(seen[0]).not.toHaveProperty('authorization');
    expect(seen[0]).not.toHaveProperty('referer');
  });
});

describe('stream', () => {
  test('gives the whole MP3 with everything that a download has', async () => {
    const answer = await fetch(await sentOn(await streamHost()));
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'audio/mpeg',
      'content-length': String(SIZE_BYTES),
      'content-disposition': 'attachment; filename="holiday.mp3"',
      'accept-ranges': 'bytes',
      'cache-control': expect.stringMatching(/^private\b/),
      'cross-origin-resource-policy': 'cross-origin',
      'referrer-policy': 'no-referrer',
      etag: `"${id}.token"`,
    });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytesAt(0, SIZE_BYTES))).toBe(true);
  });

  test('gives long parts, which no function can, and plays them', async () => {
    const init = { headers: { range: 'bytes=7-' } };
    const address = await sentOn(await streamHost(), init, `${path}?inline=1`);
    const answer = await fetch(address, init);
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes 7-${SIZE_BYTES - 1}/${SIZE_BYTES}`);
    expect(answer.headers.get('content-disposition')).toBe('inline; filename="holiday.mp3"');
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytesAt(7, SIZE_BYTES))).toBe(true);
  });

  test.each([
    ['HEAD', {}, 200, String(SIZE_BYTES)],
    ['GET', { 'if-none-match': '*' }, 304, null],
    ['HEAD', { 'if-none-match': '*' }, 304, null],
    ['GET', { range: 'bytes=0-9', 'if-range': '"other"' }, 200, String(SIZE_BYTES)],
    ['GET', { range: 'bytes=0-9' }, 206, '10'],
  ])('decides as gateway does: %s with %j is %i', async (method, headers, status, length) => {
    const given = new Headers(Object.entries(headers));
    const answer = await fetch(await sentOn(await streamHost()), { method, headers: given });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-length')).toBe(length);
    expect(answer.headers.get('etag')).toBe(`"${id}.token"`);
    await answer.arrayBuffer();
  });

  test.each([
    [{ range: `bytes=${SIZE_BYTES}-` }, 416],
    [{ 'if-match': '"other"' }, 412],
  ])('refuses as gateway does: %j is %i', async (headers, status) => {
    const given = new Headers(Object.entries(headers));
    const answer = await fetch(await sentOn(await streamHost()), { headers: given });
    expect(answer.status).toBe(status);
    expect(problemSchema.parse(await answer.json()).status).toBe(status);
  });

  test.each([{ 'if-none-match': '*' }, { 'if-match': '"other"' }])(
    'refuses what its host does not carry, whatever the conditions %j',
    async (headers) => {
      const address = await sentOn(await streamHost({ maxBytes: SIZE_BYTES - 1 }));
      expect((await fetch(address, { headers: new Headers(Object.entries(headers)) })).status).toBe(
        413,
      );
    },
  );

  test('opens for five minutes, and not after the owner has ended all links', async () => {
    const address = await sentOn(await streamHost());
    gateway.clock.advance(5 * 60_000 - 1_000);
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(200);
    gateway.clock.advance(1_000);
    const late = await fetch(address);
    expect(late.status).toBe(410);
    expect(problemSchema.parse(await late.json()).code).toBe('link-expired');

    const again = await sentOn(new URL(address).origin);
    await gateway.callAs(ADA, `${path}/links`, { method: 'DELETE' });
    const ended = await fetch(again);
    expect(problemSchema.parse(await ended.json()).code).toBe('link-revoked');
  });

  test('opens by no other key, least by that of a mail', async () => {
    const grant = { purpose: 'download', conversionId: id, generation: 0 } as const;
    const key = gateway.links.sign({ ...grant, expiresAt: new Date('2026-11-25T00:00:00Z') });
    const host = await streamHost();
    for (const query of [`?key=${key}`, '', '?key=v1.1.0.x']) {
      expect((await fetch(`${host}/${id}${query}`)).status).toBe(404);
    }
    expect((await fetch(host)).status).toBe(404);
    expect((await fetch(`${host}/${id}?key=${key}`, { method: 'POST' })).status).toBe(405);
  });

  test('gives parts, and asks for them, where its host carries no more', async () => {
    const host = await streamHost({ maxBytes: SIZE_BYTES - 1 });
    const whole = await fetch(await sentOn(host));
    expect(whole.status).toBe(413);
    expect(problemSchema.parse(await whole.json()).detail).toContain('by Range');
    const part = await fetch(await sentOn(host), { headers: { range: 'bytes=0-' } });
    expect(part.headers.get('content-range')).toBe(`bytes 0-${SIZE_BYTES - 2}/${SIZE_BYTES}`);
    await part.arrayBuffer();
  });
});

describe('a stream', () => {
  /** Files whose content comes from the test: how far it was read, and whether the reading has ended. */
  function watchedFiles(readRange: StreamDeps['files']['readRange']) {
    const seen = { bytes: 0, hasEnded: false };
    const files: StreamDeps['files'] = {
      ...gateway.files,
      async *readRange(file, range) {
        try {
          for await (const piece of readRange(file, range)) {
            seen.bytes += piece.byteLength;
            yield piece;
          }
        } finally {
          seen.hasEnded = true;
        }
      },
    };
    return { seen, files };
  }

  test('is read no faster than it is taken, and no further when its client has gone', async () => {
    const { seen, files } = watchedFiles(() => contentOf(0, 1024 * MIB));
    const address = await sentOn(await streamHost({ files }));
    const leaving = new AbortController();
    const answer = await fetch(address, { signal: leaving.signal });
    await answer.body?.getReader().read();
    expect(seen.hasEnded).toBe(false);
    leaving.abort();
    await expect.poll(() => seen.hasEnded, { timeout: 10_000 }).toBe(true);
    // What is under way is in the buffers of two sockets.
    expect(seen.bytes).toBeLessThan(64 * MIB);
  });

  test('that breaks off does not look whole', async () => {
    const { files, seen } = watchedFiles(async function* () {
      yield* contentOf(0, MIB);
      throw new Unavailable('files');
    });
    const answer = await fetch(await sentOn(await streamHost({ files })));
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(seen.hasEnded).toBe(true);
  });
});
