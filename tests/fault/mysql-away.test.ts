import { randomUUID } from 'node:crypto';
import { afterEach, expect, it } from 'vitest';
import { expectUnavailable, IN_TIME, RECOVERY, statusOf } from '../support/http-calls.ts';
import { REAL_SERVICES } from '../support/real-stores.ts';
import { serviceOnLines } from '../support/service-on-lines.ts';
import { describeWithServices } from '../support/services.ts';

await describeWithServices('the API, while MySQL', REAL_SERVICES, (urls) => {
  const service = serviceOnLines(urls, 'mysql_away');
  const { mysql } = service.lines;
  afterEach(() => mysql.mend());

  function post(path: string, given: { readonly email: string; readonly full_name?: string }) {
    const body = JSON.stringify({ password: 'correct horse battery', ...given });
    const headers = { 'content-type': 'application/json' };
    return service.users(`/api/v1${path}`, { method: 'POST', headers, body });
  }

  const signIn = (email: string) => post('/auth/token', { email });

  async function registered(): Promise<string> {
    const email = `${randomUUID()}@example.org`;
    expect(await statusOf(post('/users', { email, full_name: 'Ada' }))).toBe(201);
    return email;
  }

  it.each(['cut', 'stall'] as const)(
    'is away (%s), answers 503, and goes on when it is back',
    IN_TIME,
    async (fault) => {
      const email = await registered();
      await mysql[fault]();
      await Promise.all([
        expectUnavailable(signIn(email), 'users'),
        expectUnavailable(post('/users', { email: 'eve@example.org', full_name: 'E' }), 'users'),
        expectUnavailable(service.users('/api/v1/auth/health'), 'users'),
      ]);
      await mysql.mend();
      await expect.poll(() => statusOf(signIn(email)), RECOVERY).toBe(200);
    },
  );

  it('takes 2 s for each answer, is slow and right', IN_TIME, async () => {
    const email = await registered();
    mysql.slow(2_000);
    expect(await statusOf(signIn(email))).toBe(200);
  });

  it('is reset before it has answered, has registered once or not at all', IN_TIME, async () => {
    await registered();
    const email = 'grace@example.org';
    mysql.loseNextAnswer();
    await expectUnavailable(post('/users', { email, full_name: 'Grace' }), 'users');
    // Whoever did not hear the answer asks again.
    const again = await statusOf(post('/users', { email, full_name: 'Grace' }));
    expect([201, 409]).toContain(again);
    expect(await statusOf(signIn(email))).toBe(200);
  });
});
