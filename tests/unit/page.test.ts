import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { buildPage } from '../../scripts/page/build-page.ts';
import type { PageManifest } from '../../scripts/page/page-manifest.ts';
import { ADA, type TestGateway, testGateway } from '../support/gateway.ts';

const STREAM_URL = 'https://stream.example';
/** Of all that the page loads first, compressed. The player comes later and is not part of it. */
const FIRST_LOAD_MAX_BYTES = 120 * 1024;

let gateway: TestGateway;
let manifest: PageManifest;
let script: string;

beforeAll(async () => {
  gateway = await testGateway({ streamUrl: STREAM_URL });
  ({ manifest } = await buildPage());
  script = manifest.entry.find((path) => path.endsWith('.js')) ?? '';
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  gateway.call(path, { headers, method });

test('answers / and a conversion’s address with the page, which names its assets', async () => {
  const page = await get('/');
  const html = await page.text();

  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(html).toContain(`src="${script}"`);
  expect(await (await get('/c/0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10')).text()).toBe(html);
});

test('lets the page have nothing but what comes from here, and MP3s by signed links', async () => {
  const policy = (await get('/')).headers.get('content-security-policy');

  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
  expect(policy).toContain(`media-src 'self' blob: https://soundlift.example ${STREAM_URL};`);
  expect(policy).toContain(`connect-src 'self' https://soundlift.example ${STREAM_URL};`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
});

test('has no script, style or event handler in the HTML that the policy would stop', async () => {
  const html = await (await get('/')).text();
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
});

test('answers an asset once and for ever: its name has a hash in it', async () => {
  const answer = await get(script);

  expect(script).toMatch(/^\/assets\/page-[A-Z0-9]{8}\.js$/);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
});

test.each([
  [undefined, null],
  ['gzip, deflate, br', 'br'],
  ['gzip', 'gzip'],
  ['GZIP;q=0.5', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0.1, gzip;q=0.9', 'gzip'],
  ['*', 'br'],
  ['br;q=0, *;q=0', null],
  ['zstd', null],
])('with Accept-Encoding %s it sends %s', async (accepted, coding) => {
  const plain = Buffer.from(await (await get(script)).arrayBuffer());
  const answer = await get(script, accepted === undefined ? {} : { 'accept-encoding': accepted });
  const body = Buffer.from(await answer.arrayBuffer());

  expect(answer.headers.get('content-encoding')).toBe(coding);
  expect(answer.headers.get('vary')).toContain('accept-encoding');
  expect(answer.headers.get('content-length')).toBe(String(body.length));
  const decode =
    coding === 'br' ? brotliDecompressSync : coding === 'gzip' ? gunzipSync : Buffer.from;
  expect(decode(body)).toEqual(plain);
});

test('hands what is compressed to Lambda as bytes, and text as text', async () => {
  const compressed = await gateway.resultAs(ADA, script, { headers: { 'accept-encoding': 'br' } });
  const plain = await gateway.resultAs(ADA, script);

  expect(compressed).toMatchObject({ isBase64Encoded: true });
  expect(plain).toMatchObject({ isBase64Encoded: false });
  expect(await gateway.resultAs(ADA, '/icons/icon-192.png')).toMatchObject({
    isBase64Encoded: true,
  });
});

test('answers 304 to whoever has it, each coding with a tag of its own', async () => {
  const accepted = { 'accept-encoding': 'br' };
  const tag = (await get('/', accepted)).headers.get('etag') ?? '';
  const plainTag = (await get('/')).headers.get('etag') ?? '';

  expect(tag).not.toBe(plainTag);
  for (const list of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const answer = await get('/', { ...accepted, 'if-none-match': list });
    expect([answer.status, await answer.text()]).toEqual([304, '']);
    expect(answer.headers.get('etag')).toBe(tag);
  }
  expect((await get('/', { ...accepted, 'if-none-match': plainTag })).status).toBe(200);
});

test('answers HEAD as GET, without the body', async () => {
  const [head, whole] = [await get(script, {}, 'HEAD'), await get(script)];

  expect(head.status).toBe(200);
  expect(await head.text()).toBe('');
  for (const name of ['content-type', 'content-length', 'etag', 'cache-control']) {
    expect(head.headers.get(name), name).toBe(whole.headers.get(name));
  }
});

test.each([
  '/assets/page-00000000.js',
  '/assets/..%2fmanifest.json',
  '/assets/toString',
  '/icons/x',
])('answers %s, which is not there, with a problem', async (path) => {
  const answer = await get(path);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toMatchObject({ code: 'not-found' });
});

test('answers what a browser asks for to install the page as an app', async () => {
  const answer = await get('/manifest.webmanifest');
  const app = JSON.parse(await answer.text());

  expect(answer.headers.get('content-type')).toBe('application/manifest+json');
  expect(app.share_target).toMatchObject({ action: '/share', method: 'POST' });
  for (const { src, type } of app.icons) {
    const icon = await get(src);
    expect([icon.status, icon.headers.get('content-type')], src).toEqual([200, type]);
  }
  for (const path of ['/sw.js', '/robots.txt']) expect((await get(path)).status, path).toBe(200);
  const answered = await get('/sw.js');
  // What it may fetch: its own policy binds it.
  expect(answered.headers.get('content-security-policy')).toContain("connect-src 'self'");
  const worker = await answered.text();
  for (const path of manifest.entry) expect(worker).toContain(path);
});

test('sends what is shared where no worker takes it to the page, which says so', async () => {
  const answer = await gateway.call('/share', { method: 'POST', redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/?shared=1']);
});

test(`the page loads ${FIRST_LOAD_MAX_BYTES / 1024} KiB first, at the most`, () => {
  const sizes = manifest.entry.map((path) => manifest.files[path]?.sizes.br ?? Number.NaN);
  const firstLoadBytes = sizes.reduce((sum, size) => sum + size, 0);
  expect(firstLoadBytes).toBeGreaterThan(0);
  expect(firstLoadBytes).toBeLessThanOrEqual(FIRST_LOAD_MAX_BYTES);
});

test('is built anew when its sources have changed, and only then', async () => {
  expect((await buildPage()).isNew).toBe(false);
});
