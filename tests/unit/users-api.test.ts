import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createHandler } from '../../functions/users/handler.ts';
import {
  claimsSchema,
  tokensSchema,
  userListSchema,
  userSchema,
} from '../../functions/users/schemas.ts';
import { createBcryptPasswordHasher } from '../../src/adapters/passwords/bcrypt.ts';
import { problemSchema } from '../../src/http/problem-responses.ts';
import { createLogger } from '../../src/logger.ts';
import { fakeAttemptStore } from '../support/fake-attempt-store.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeSessionStore } from '../support/fake-session-store.ts';
import { fakeUserStore } from '../support/fake-user-store.ts';
import { callByHttp } from '../support/http-event.ts';
import { createTestTokens } from '../support/test-tokens.ts';

const ADA = { email: 'ada@example.org', password: 'correct horse battery', full_name: 'Ada L.' };
const ROOT = { email: 'root@example.org', password: 'an admin passes', full_name: 'Root' };

let service: Awaited<ReturnType<typeof testUsers>>;
beforeEach(async () => {
  service = await testUsers();
});

async function testUsers() {
  const clock = fakeClock();
  const { signer, verifier } = await createTestTokens(clock);
  const sessions = fakeSessionStore();
  const handler = createHandler({
    users: fakeUserStore({ sessions }),
    sessions,
    attempts: fakeAttemptStore(),
    attemptLimits: {
      signInsPerAccount: 3,
      signInsPerAddress: 20,
      signInWindowMs: 15 * 60_000,
      registrationsPerAddress: 5,
    },
    passwords: createBcryptPasswordHasher({ cost: 4 }),
    tokens: signer,
    verifier,
    adminEmails: [ROOT.email],
    clock,
    logger: createLogger({ name: 'users', level: 'silent' }),
  });
  const call = (path: string, init: RequestInit = {}) =>
    callByHttp(handler, `/api/v1${path}`, init);
  return {
    clock,
    call,
    post: (path: string, body: unknown) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    callWith: (token: string, path: string, method = 'GET') =>
      call(path, { method, headers: { authorization: `Bearer ${token}` } }),
  };
}

async function register(user = ADA) {
  const answer = await service.post('/users', user);
  expect(answer.status).toBe(201);
  return userSchema.parse(await answer.json());
}

async function signIn(user = ADA) {
  const answer = await service.post('/auth/token', { email: user.email, password: user.password });
  expect(answer.status).toBe(200);
  return tokensSchema.parse(await answer.json());
}

async function problemOf(answer: Response, status: number) {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  return problemSchema.parse(await answer.json());
}

describe('POST /users', () => {
  test.each(['/users', '/users/'])('registers (%s)', async (path) => {
    const answer = await service.post(path, ADA);
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({
      id: expect.any(String),
      email: 'ada@example.org',
      full_name: 'Ada L.',
    });
  });

  test('refuses an address that is taken, in whatever case', async () => {
    await register();
    const answer = await service.post('/users', { ...ADA, email: 'ADA@Example.ORG' });
    expect((await problemOf(answer, 409)).code).toBe('email-taken');
  });

  test.each([
    ['email', { ...ADA, email: 'ada' }],
    ['email', { ...ADA, email: 'Ada <ada@example.org>' }],
    ['email', { ...ADA, email: 'ada@example.org,eve@example.org' }],
    ['email', { ...ADA, email: undefined }],
    ['password', { ...ADA, password: '1234567' }],
    ['password', { ...ADA, password: 'ä'.repeat(37) }],
    ['password', { ...ADA, password: 12345678 }],
    ['full_name', { ...ADA, full_name: '  ' }],
  ])('refuses a bad %s by 422 that names it', async (field, body) => {
    const problem = await problemOf(await service.post('/users', body), 422);
    expect(problem).toMatchObject({ code: 'invalid-input', errors: [{ field }] });
  });

  test('takes a password of exactly 8 characters, and one of exactly 72 bytes', async () => {
    await register({ ...ADA, password: '12345678' });
    await register({ ...ROOT, password: 'ä'.repeat(36) });
  });

  test('refuses a body that is not JSON', async () => {
    const answer = await service.call('/users', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"email":',
    });
    expect((await problemOf(answer, 400)).code).toBe('invalid-input');
  });

  test('refuses a body that is too large', async () => {
    const answer = await service.post('/users', { ...ADA, full_name: 'a'.repeat(20_000) });
    expect((await problemOf(answer, 413)).code).toBe('too-large');
  });
});

describe('signing in', () => {
  const form = (fields: Record<string, string>) =>
    service.call('/login', { method: 'POST', body: new URLSearchParams(fields) });

  test.each(['/auth/token', '/token', '/token/'])('POST %s takes JSON', async (path) => {
    await register();
    const answer = await service.post(path, { email: 'Ada@example.org', password: ADA.password });
    expect(tokensSchema.parse(await answer.json())).toMatchObject({
      token_type: 'bearer',
      expires_in: 900,
    });
  });

  test('POST /login takes the OAuth 2.0 password form', async () => {
    await register();
    const answer = await form({ username: ADA.email, password: ADA.password });
    expect(answer.status).toBe(200);
    tokensSchema.parse(await answer.json());
  });

  test('a wrong password and an unknown address are answered alike', async () => {
    await register();
    const wrong = { email: ADA.email, password: 'wrong password' };
    const unknown = { email: 'nobody@example.org', password: 'wrong password' };
    const problems = [
      await problemOf(await service.post('/auth/token', wrong), 401),
      await problemOf(await service.post('/token', unknown), 401),
      await problemOf(await form({ username: unknown.email, password: 'wrong' }), 401),
    ];
    expect(new Set(problems.map(({ code, detail }) => `${code} ${detail}`)).size).toBe(1);
  });

  test('missing fields are named by 422', async () => {
    const problem = await problemOf(await service.post('/auth/token', { email: ADA.email }), 422);
    expect(problem.errors).toMatchObject([{ field: 'password' }]);
    expect((await problemOf(await form({ password: 'x' }), 422)).errors).toMatchObject([
      { field: 'username' },
    ]);
  });
});

describe('POST /auth/refresh', () => {
  const refresh = (token: string) => service.post('/auth/refresh', { refresh_token: token });

  test('gives a new pair', async () => {
    await register();
    const first = await signIn();
    const answer = await refresh(first.refresh_token);
    expect(answer.status).toBe(200);
    const second = tokensSchema.parse(await answer.json());
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await service.callWith(second.access_token, '/users/me')).status).toBe(200);
  });

  test('a token that is used twice ends the whole session', async () => {
    await register();
    const first = await signIn();
    const second = tokensSchema.parse(await (await refresh(first.refresh_token)).json());
    await problemOf(await refresh(first.refresh_token), 401);
    await problemOf(await refresh(second.refresh_token), 401);
  });

  test('refuses one that was never issued, and one that ran out', async () => {
    await register();
    await problemOf(await refresh('never-issued'), 401);
    const { refresh_token } = await signIn();
    service.clock.advance(60 * 60 * 1000);
    await problemOf(await refresh(refresh_token), 401);
  });

  test('refuses a body without a token', async () => {
    await problemOf(await service.post('/auth/refresh', {}), 422);
  });
});

describe('POST /auth/logout', () => {
  test('ends the session', async () => {
    await register();
    const { access_token, refresh_token } = await signIn();
    expect((await service.callWith(access_token, '/auth/logout', 'POST')).status).toBe(204);
    await problemOf(await service.post('/auth/refresh', { refresh_token }), 401);
  });
});

describe('validation of tokens', () => {
  test.each(['/auth/validate', '/token/validate', '/token/validate/'])(
    'GET %s gives the claims',
    async (path) => {
      const { id } = await register();
      const { access_token } = await signIn();
      const answer = await service.callWith(access_token, path);
      expect(answer.status).toBe(200);
      const claims = claimsSchema.parse(await answer.json());
      expect(claims).toMatchObject({ sub: id, email: ADA.email });
      expect(claims.exp - claims.iat).toBe(900);
    },
  );

  test('a token that ran out is refused', async () => {
    await register();
    const { access_token } = await signIn();
    service.clock.advance(900 * 1000);
    await problemOf(await service.callWith(access_token, '/auth/validate'), 401);
  });
});

describe('one’s own account', () => {
  test('GET /users/me shows it', async () => {
    const user = await register();
    const { access_token } = await signIn();
    const answer = await service.callWith(access_token, '/users/me');
    expect(userSchema.parse(await answer.json())).toEqual(user);
  });

  test('DELETE /users/me removes it with its sessions', async () => {
    await register();
    const { access_token, refresh_token } = await signIn();
    expect((await service.callWith(access_token, '/users/me', 'DELETE')).status).toBe(204);
    await problemOf(await service.callWith(access_token, '/users/me'), 404);
    await problemOf(await service.post('/auth/refresh', { refresh_token }), 401);
    await register();
  });
});

describe('administration', () => {
  test('administrators list users, page by page', async () => {
    await register();
    await register(ROOT);
    const { access_token } = await signIn(ROOT);
    const answer = await service.callWith(access_token, '/users?skip=1&limit=1');
    expect(userListSchema.parse(await answer.json())).toMatchObject([{ email: ROOT.email }]);
    await problemOf(await service.callWith(access_token, '/users?limit=0'), 422);
  });

  test('administrators remove users', async () => {
    const { id } = await register();
    await register(ROOT);
    const { access_token } = await signIn(ROOT);
    expect((await service.callWith(access_token, `/users/${id}`, 'DELETE')).status).toBe(204);
    await problemOf(await service.callWith(access_token, `/users/${id}`, 'DELETE'), 404);
    await problemOf(await service.callWith(access_token, '/users/1', 'DELETE'), 422);
  });

  test('others may do neither', async () => {
    const { id } = await register(ROOT);
    await register();
    const { access_token } = await signIn();
    await problemOf(await service.callWith(access_token, '/users'), 403);
    await problemOf(await service.callWith(access_token, `/users/${id}`, 'DELETE'), 403);
  });
});

describe.each([
  ['GET', '/users'],
  ['GET', '/users/me'],
  ['DELETE', '/users/me'],
  ['DELETE', '/users/0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10'],
  ['POST', '/auth/logout'],
  ['GET', '/auth/validate'],
  ['GET', '/token/validate'],
])('%s %s', (method, path) => {
  test('answers 401 without a valid access token', async () => {
    await problemOf(await service.call(path, { method }), 401);
    await problemOf(await service.callWith('abc.def.ghi', path, method), 401);
  });
});

test('GET /auth/health answers for the users’ database', async () => {
  expect((await service.call('/auth/health')).status).toBe(204);
});

test('no answer ever holds a password or its hash', async () => {
  await register();
  await register(ROOT);
  const { access_token } = await signIn(ROOT);
  const listed = z.string().parse(await (await service.callWith(access_token, '/users')).text());
  expect(listed).not.toMatch(/password|\$2[aby]\$/);
});

describe('whoever tries too often', () => {
  test('gets 429 and when to come back, with the right password too, and gets in then', async () => {
    await register();
    const wrong = { email: ADA.email, password: 'wrong horse' };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await service.post('/auth/token', wrong)).status).toBe(401);
    }
    service.clock.advance(60_000);
    const refused = await service.post('/auth/token', ADA);
    expect(await problemOf(refused, 429)).toMatchObject({ code: 'too-many-attempts' });
    expect(refused.headers.get('retry-after')).toBe(String(14 * 60));

    service.clock.advance(14 * 60_000);
    await signIn();
  });

  test('is not known by a header that anybody can send', async () => {
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const answer = await service.call('/users', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': `198.51.100.${attempt}` },
        body: JSON.stringify({ ...ADA, email: `ada${attempt}@example.org` }),
      });
      expect(answer.status).toBe(attempt < 5 ? 201 : 429);
    }
  });
});
