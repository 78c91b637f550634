import { beforeEach, describe, expect, test } from 'vitest';
import { refreshSession } from '../../functions/users/refresh-session.ts';
import { registerUser } from '../../functions/users/register-user.ts';
import { signIn } from '../../functions/users/sign-in.ts';
import { signOut } from '../../functions/users/sign-out.ts';
import type { PasswordHasher } from '../../src/ports/password-hasher.ts';
import { usersDeps } from '../support/users-deps.ts';

const MINUTE_MS = 60_000;
const ADA = {
  email: 'ada@example.org',
  password: 'correct horse',
  fullName: 'Ada Lovelace',
  address: '192.0.2.1',
};
const NOT_AUTHENTICATED = { code: 'not-authenticated', retry: 'never' };

let deps: ReturnType<typeof usersDeps>;

beforeEach(() => {
  deps = usersDeps();
});

describe('to sign in', () => {
  test('gives an access token for 15 minutes that says who it is', async () => {
    const user = await registerUser(deps, ADA);
    const given = await signIn(deps, { ...ADA, email: 'ADA@Example.org' });
    const { identity, expiresAt } = await deps.verifier.verify(given.accessToken);

    expect(identity).toEqual({
      userId: user.id,
      email: ADA.email,
      sessionId: expect.any(String),
    });
    expect(given.expiresInSeconds).toBe(900);
    expect(expiresAt.getTime() - deps.clock.now().getTime()).toBe(15 * MINUTE_MS);
  });

  test('starts a session of its own every time', async () => {
    await registerUser(deps, ADA);
    const [first, second] = [await signIn(deps, ADA), await signIn(deps, ADA)];
    await refreshSession(deps, first);
    await expect(refreshSession(deps, first)).rejects.toMatchObject(NOT_AUTHENTICATED);

    await refreshSession(deps, second);
  });

  test('refuses a wrong password and an unknown address in the same words, by the same work', async () => {
    const { passwordHash } = await registerUser(deps, ADA);
    const verified: (string | undefined)[] = [];
    const passwords: PasswordHasher = {
      ...deps.passwords,
      verify: (password, hash) => {
        verified.push(hash);
        return deps.passwords.verify(password, hash);
      },
    };
    const refusalOf = (email: string) =>
      signIn({ ...deps, passwords }, { ...ADA, email, password: 'wrong horse' }).catch(
        (error) => error,
      );
    const [known, unknown] = [await refusalOf(ADA.email), await refusalOf('bob@example.org')];

    expect(known).toMatchObject({ code: 'invalid-credentials', retry: 'never' });
    expect(unknown).toEqual(known);
    expect(verified).toEqual([passwordHash, undefined]);
  });
});

describe('to refresh a session', () => {
  test('gives a new pair of the same session', async () => {
    await registerUser(deps, ADA);
    const first = await signIn(deps, ADA);
    deps.clock.advance(20 * MINUTE_MS);
    const second = await refreshSession(deps, first);

    expect(second.refreshToken).not.toBe(first.refreshToken);
    const { identity } = await deps.verifier.verify(second.accessToken);
    deps.clock.advance(-20 * MINUTE_MS);
    expect((await deps.verifier.verify(first.accessToken)).identity).toEqual(identity);
  });

  test('works for an hour after the last time, however old the session is', async () => {
    await registerUser(deps, ADA);
    let given = await signIn(deps, ADA);
    for (let hour = 0; hour < 3; hour += 1) {
      deps.clock.advance(60 * MINUTE_MS - 1);
      given = await refreshSession(deps, given);
    }
    deps.clock.advance(60 * MINUTE_MS);
    await expect(refreshSession(deps, given)).rejects.toMatchObject(NOT_AUTHENTICATED);
  });

  test('ends the session when a token comes a second time', async () => {
    await registerUser(deps, ADA);
    const first = await signIn(deps, ADA);
    const second = await refreshSession(deps, first);

    await expect(refreshSession(deps, first)).rejects.toMatchObject(NOT_AUTHENTICATED);
    await expect(refreshSession(deps, second)).rejects.toMatchObject(NOT_AUTHENTICATED);
  });

  test.each(['', 'x', 'ä'.repeat(500)])('refuses %j', async (refreshToken) => {
    await expect(refreshSession(deps, { refreshToken })).rejects.toMatchObject(NOT_AUTHENTICATED);
  });

  test('refuses whoever has been removed', async () => {
    const user = await registerUser(deps, ADA);
    const given = await signIn(deps, ADA);
    await deps.users.remove(user.id);

    await expect(refreshSession(deps, given)).rejects.toMatchObject(NOT_AUTHENTICATED);
  });
});

test('to sign out ends the session and no other', async () => {
  await registerUser(deps, ADA);
  const [ended, kept] = [await signIn(deps, ADA), await signIn(deps, ADA)];
  const { identity } = await deps.verifier.verify(ended.accessToken);
  await signOut(deps, identity);

  await expect(refreshSession(deps, ended)).rejects.toMatchObject(NOT_AUTHENTICATED);
  await refreshSession(deps, kept);
});

test('that the database does not answer is passed on', async () => {
  const down = usersDeps({ databaseAnswers: false });
  const unavailable = { code: 'unavailable', part: 'users', retry: 'later' };

  await expect(signIn(down, ADA)).rejects.toMatchObject(unavailable);
  await expect(refreshSession(down, { refreshToken: 'x' })).rejects.toMatchObject(unavailable);
  await expect(signOut(down, { sessionId: 'x' })).rejects.toMatchObject(unavailable);
});
