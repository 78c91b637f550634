import { beforeEach, expect, test } from 'vitest';
import { createHandler } from '../../functions/users/handler.ts';
import { registerUser } from '../../functions/users/register-user.ts';
import { createLogger } from '../../src/logger.ts';
import { callByHttp } from '../support/http-event.ts';
import { usersDeps } from '../support/users-deps.ts';

const ADA = { email: 'ada@example.org', password: 'correct horse battery' };
const PATH = '/api/v1/auth/session';
/** What a browser sends with a request of the page. */
const FROM_PAGE = { origin: 'https://soundlift.example', 'sec-fetch-site': 'same-origin' };

let deps: ReturnType<typeof usersDeps>;
let handler: ReturnType<typeof createHandler>;

beforeEach(async () => {
  deps = usersDeps();
  handler = createHandler({ ...deps, logger: createLogger({ name: 'users', level: 'silent' }) });
  await registerUser(deps, { ...ADA, fullName: 'Ada', address: '192.0.2.1' });
});

async function send(
  method: string,
  path: string,
  given: { cookie?: string; headers?: Record<string, string>; body?: object } = {},
) {
  const headers = new Headers({ ...FROM_PAGE, ...given.headers });
  if (given.cookie !== undefined) headers.set('cookie', `theme=dark; ${given.cookie}`);
  if (given.body) headers.set('content-type', 'application/json');
  const body = given.body ? JSON.stringify(given.body) : null;
  const answer = await callByHttp(handler, path, { method, headers, body });
  const [setCookie = ''] = answer.headers.getSetCookie();
  const json = answer.status === 204 ? {} : Object(await answer.json());
  const [cookie = ''] = setCookie.split(';');
  return { status: answer.status, headers: answer.headers, setCookie, cookie, json };
}

const begin = (headers: Record<string, string> = {}, cookie?: string) =>
  send('POST', PATH, { body: ADA, headers, ...(cookie && { cookie }) });
const renew = (cookie?: string, headers: Record<string, string> = {}) =>
  send('POST', `${PATH}/refresh`, { headers, ...(cookie && { cookie }) });
const end = (cookie?: string) => send('DELETE', PATH, cookie ? { cookie } : {});

test('signing in gives an access token, and the refresh token where no script reads it', async () => {
  const { status, json, headers, setCookie } = await begin();

  expect(status).toBe(200);
  expect(json).toEqual({
    access_token: expect.any(String),
    token_type: 'bearer',
    expires_in: 900,
  });
  expect((await deps.verifier.verify(json.access_token)).identity.email).toBe(ADA.email);
  expect(headers.get('cache-control')).toBe('no-store');
  const [name, ...attributes] = setCookie.split('; ');
  expect(name).toMatch(/^soundlift_session=[\w-]{43}$/);
  expect(new Set(attributes)).toEqual(
    new Set(['Max-Age=3600', `Path=${PATH}`, 'HttpOnly', 'Secure', 'SameSite=Strict']),
  );
});

test('the cookie is Secure unless the browser says that the page came by plain HTTP', async () => {
  expect((await begin({ origin: 'http://localhost:3000' })).setCookie).not.toContain('Secure');
  expect((await begin({ origin: 'null' })).setCookie).toContain('Secure');
});

test('a wrong password gives no cookie', async () => {
  const body = { ...ADA, password: 'wrong' };
  const { status, json, setCookie } = await send('POST', PATH, { body });
  expect([status, json.code, setCookie]).toEqual([401, 'invalid-credentials', '']);
});

test('a cookie is exchanged for another one and an access token', async () => {
  const { cookie } = await begin();
  const renewed = await renew(cookie);

  expect(renewed.status).toBe(200);
  expect(renewed.cookie).not.toBe(cookie);
  expect(renewed.json).not.toHaveProperty('refresh_token');
  expect((await renew(renewed.cookie)).status).toBe(200);
});

test('two tabs that renew at once, or an answer that was lost, end no session', async () => {
  const { cookie } = await begin();
  const [first, second] = await Promise.all([renew(cookie), renew(cookie)]);
  deps.clock.advance(9_000);
  const third = await renew(cookie);

  expect([first.status, second.status, third.status]).toEqual([200, 200, 200]);
  expect((await renew(third.cookie)).status).toBe(200);
});

test('a cookie that somebody shows later than that ends the session', async () => {
  const { cookie } = await begin();
  const renewed = await renew(cookie);
  deps.clock.advance(10_000);

  expect((await renew(cookie)).status).toBe(401);
  expect((await renew(renewed.cookie)).status).toBe(401);
});

test('without a cookie, or with one that is not known, nobody is signed in', async () => {
  for (const cookie of [undefined, 'soundlift_session=x', 'soundlift_session=']) {
    const { status, json } = await renew(cookie);
    expect([status, json.code]).toEqual([401, 'not-authenticated']);
  }
});

test('signing out ends the session and clears the cookie, without an access token', async () => {
  const { cookie } = await begin();
  const { status, setCookie } = await end(cookie);

  expect(status).toBe(204);
  expect(setCookie).toMatch(/^soundlift_session=; Max-Age=0; Path=\/api\/v1\/auth\/session/);
  expect((await renew(cookie)).status).toBe(401);
  expect((await end(cookie)).status).toBe(204);
  expect((await end()).status).toBe(204);
});

test('signing out with a cookie that was replaced a moment ago ends the session too', async () => {
  const { cookie } = await begin();
  const renewed = await renew(cookie);
  await end(cookie);
  expect((await renew(renewed.cookie)).status).toBe(401);
});

test('signing in again ends the session before', async () => {
  const { cookie } = await begin();
  expect((await begin({}, cookie)).status).toBe(200);
  expect((await renew(cookie)).status).toBe(401);
});

test.each(['cross-site', 'same-site', 'none'])(
  'a page that is %s gets no session',
  async (site) => {
    const { cookie } = await begin();
    const headers = { 'sec-fetch-site': site };

    for (const answer of [await begin(headers), await renew(cookie, headers)]) {
      expect([answer.status, answer.json.code, answer.setCookie]).toEqual([403, 'not-allowed', '']);
    }
    expect((await send('DELETE', PATH, { cookie, headers })).status).toBe(403);
    expect((await renew(cookie)).status).toBe(200);
  },
);
