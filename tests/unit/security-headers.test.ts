import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createStreamApp } from '../../functions/gateway/stream-app.ts';
import { createHandler as createUsers } from '../../functions/users/handler.ts';
import openApiDocument from '../../openapi.json' with { type: 'json' };
import { createApi } from '../../src/http/api.ts';
import { SECURITY_HEADERS } from '../../src/http/security-headers.ts';
import { createHttpHandler } from '../../src/lambda/http.ts';
import { ADA, testGateway } from '../support/gateway.ts';
import { callByHttp, lambdaContext } from '../support/http-event.ts';
import { usersDeps } from '../support/users-deps.ts';

const logger = pino({ level: 'silent' });
const users = createUsers({ ...usersDeps(), logger });
const gateway = await testGateway();

/** Those that have a value of their own somewhere; see the tests below. */
const OWN = new Set(['content-security-policy', 'cache-control', 'cross-origin-resource-policy']);

function expectSecure(response: Response): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    const given = response.headers.get(name);
    if (OWN.has(name)) expect(given, name).toMatch(/./);
    else expect(given, name).toBe(value);
  }
}

const OPERATIONS = Object.entries(openApiDocument.paths).flatMap(([path, operations]) =>
  Object.keys(operations).map((method) => ({
    method: method.toUpperCase(),
    path: path.replaceAll(/\{\w+\}/g, '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10'),
  })),
);
const OF_USERS = /^\/api\/v1\/(users|auth|token|login)/;

describe.each(OPERATIONS)('$method $path', ({ method, path }) => {
  const answers = async () =>
    OF_USERS.test(path)
      ? [await callByHttp(users, path, { method })]
      : [await gateway.call(path, { method }), await gateway.callAs(ADA, path, { method })];

  test('is answered with what keeps browsers safe', async () => {
    for (const response of await answers()) {
      expectSecure(response);
      expect(response.headers.get('content-security-policy')).toBe(
        SECURITY_HEADERS['content-security-policy'],
      );
    }
  });
});

describe('the answers beside openapi.json', () => {
  test.each(['/docs', '/docs/start.js', '/docs/swagger-ui.css', '/openapi.json', '/nowhere'])(
    '%s is safe as well',
    async (path) => expectSecure(await gateway.call(path)),
  );

  test('a method that a path does not have is refused safely', async () => {
    const response = await gateway.callAs(ADA, '/api/v1/files', { method: 'PUT' });
    expect(response.status).toBe(405);
    expectSecure(response);
  });

  test('stream’s are those of everybody, but for pages that play what it sends', async () => {
    const { files, conversions, links, clock } = gateway;
    const stream = createStreamApp({
      ...{ files, conversions, links, clock, logger },
      maxBytes: undefined,
    });
    const response = await stream.request('/0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10?key=x');
    expectSecure(response);
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
  });

  test('what the handler itself answers is safe', async () => {
    const fetch = () => Promise.reject(new Error('no app'));
    const response = await callByHttp(createHttpHandler({ fetch }, logger), '/', {}, lambdaContext);
    expect(response.status).toBe(500);
    expectSecure(response);
  });
});

test('a route that sets a policy of its own keeps it', async () => {
  const api = createApi({ logger });
  const policy = "default-src 'self'; frame-ancestors 'none'";
  api.get('/', (context) => {
    context.header('content-security-policy', policy);
    return context.html('<p>page</p>');
  });
  expect((await api.request('/')).headers.get('content-security-policy')).toBe(policy);
});

test('only who was reached by https says to come by https', async () => {
  const at = (proto: string) =>
    gateway.call('/openapi.json', { headers: { 'x-forwarded-proto': proto } });
  const saidAt = async (proto: string) =>
    (await at(proto)).headers.get('strict-transport-security');
  expect(await saidAt('https')).toBe('max-age=31536000');
  expect(await saidAt('http')).toBeNull();
});

test('tokens are stored by no cache', async () => {
  const credentials = { email: 'eve@example.org', password: 'correct horse battery' };
  const post = (path: string, body: unknown) =>
    callByHttp(users, path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('/api/v1/users', { ...credentials, full_name: 'Eve' });
  const response = await post('/api/v1/auth/token', credentials);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
});
