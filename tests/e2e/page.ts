import { expect, test } from 'vitest';
import { z } from 'zod';
import { buildPage } from '../../scripts/page/build-page.ts';

const SESSION = '/api/v1/auth/session';
const tokenSchema = z.object({ access_token: z.string() });

/** What a browser gets of the page and of its session, through whatever stands before the functions. */
export function declarePage(host: () => { readonly url: string }): void {
  test('the page comes with its assets, compressed as the browser takes them', async () => {
    const { url } = host();
    const { manifest } = await buildPage();
    const page = await fetch(url, { headers: { 'accept-encoding': 'br' } });
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await page.text();

    for (const path of manifest.entry.slice(1)) {
      expect(html).toContain(path);
      const plain = Buffer.from(await bytesOf(url, path, 'identity'));
      expect(plain.length).toBe(manifest.files[path]?.sizes.identity);
      for (const coding of ['br', 'gzip']) {
        expect(Buffer.from(await bytesOf(url, path, coding)).equals(plain), path).toBe(true);
      }
    }
    const icon = await bytesOf(url, '/icons/icon-192.png', 'br');
    expect(icon.byteLength).toBe(manifest.files['/icons/icon-192.png']?.sizes.identity);
  });

  test('whoever has the page is told by 304 that it is still the same', async () => {
    const headers = { 'accept-encoding': 'br' };
    const etag = (await fetch(host().url, { headers })).headers.get('etag') ?? '';
    const again = await fetch(host().url, { headers: { ...headers, 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  test('the session of the page goes by cookies, both ways', async () => {
    const { url } = host();
    const email = `page-${crypto.randomUUID().slice(0, 8)}@example.org`;
    const account = { email, password: 'correct horse battery' };
    await send(url, 'POST', '/api/v1/users', '', { ...account, full_name: 'Page' });
    const begun = await send(url, 'POST', SESSION, '', account);
    const renewed = await send(url, 'POST', `${SESSION}/refresh`, begun.cookie);
    const { access_token } = tokenSchema.parse(JSON.parse(renewed.text));
    const me = await fetch(`${url}/api/v1/users/me`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(Object(await me.json()).email).toBe(email);

    expect(renewed.cookie).not.toBe(begun.cookie);
    expect((await send(url, 'DELETE', SESSION, renewed.cookie)).status).toBe(204);
    expect((await send(url, 'POST', `${SESSION}/refresh`, renewed.cookie)).status).toBe(401);
  });
}

async function bytesOf(url: string, path: string, coding: string): Promise<ArrayBuffer> {
  const answer = await fetch(`${url}${path}`, { headers: { 'accept-encoding': coding } });
  expect(answer.status, path).toBe(200);
  return await answer.arrayBuffer();
}

async function send(url: string, method: string, path: string, cookie: string, body?: object) {
  const headers = {
    origin: url,
    'sec-fetch-site': 'same-origin',
    ...(cookie && { cookie }),
    ...(body && { 'content-type': 'application/json' }),
  };
  const answer = await fetch(`${url}${path}`, {
    method,
    headers,
    body: body ? JSON.stringify(body) : null,
  });
  const [setCookie = ''] = answer.headers.getSetCookie();
  return {
    status: answer.status,
    text: await answer.text(),
    cookie: setCookie.split(';')[0] ?? '',
  };
}
