import { beforeEach, describe, expect, test } from 'vitest';
import { listUsers } from '../../functions/users/list-users.ts';
import { registerUser } from '../../functions/users/register-user.ts';
import { removeUser } from '../../functions/users/remove-user.ts';
import { showUser } from '../../functions/users/show-user.ts';
import type { Identity, User } from '../../src/domain/user.ts';
import { usersDeps } from '../support/users-deps.ts';

const ADA = {
  email: 'ada@example.org',
  password: 'correct horse',
  fullName: 'Ada Lovelace',
  address: '192.0.2.1',
};

let deps: ReturnType<typeof usersDeps>;

beforeEach(() => {
  deps = usersDeps();
});

async function register(email: string): Promise<User> {
  return registerUser(deps, { ...ADA, email });
}

function asIdentity(user: User): Identity {
  return { userId: user.id, email: user.email, sessionId: 'any' };
}

describe('to register', () => {
  test('stores the user under the lower-case address, with a hash for a password', async () => {
    const user = await registerUser(deps, { ...ADA, email: ' Ada@Example.ORG ' });

    expect(user).toMatchObject({ email: ADA.email, fullName: ADA.fullName });
    expect(user.createdAt).toEqual(deps.clock.now());
    expect(await deps.users.find(user.id)).toEqual(user);
    expect(await deps.passwords.verify(ADA.password, user.passwordHash)).toBe(true);
  });

  test('refuses an address that is taken in other letters', async () => {
    await registerUser(deps, ADA);
    await expect(register('ADA@example.org')).rejects.toMatchObject({ code: 'email-taken' });
  });

  test.each([
    ['7 characters', 'seven77'],
    ['7 characters of many bytes', '🦁🦁🦁🦁🦁🦁🦁'],
    ['73 bytes', 'x'.repeat(73)],
    ['37 characters of 74 bytes', 'ä'.repeat(37)],
  ])('refuses a password of %s', async (_, password) => {
    await expect(registerUser(deps, { ...ADA, password })).rejects.toMatchObject({
      code: 'invalid-input',
      fields: [{ field: 'password' }],
    });
    expect(await deps.users.findByEmail(ADA.email)).toBeUndefined();
  });

  test.each([
    ['8 characters', 'eight888'],
    ['72 bytes', 'ä'.repeat(36)],
  ])('takes a password of %s', async (_, password) => {
    await registerUser(deps, { ...ADA, password });
  });
});

test('to show a user finds them, or refuses', async () => {
  const user = await registerUser(deps, ADA);

  expect(await showUser(deps, { userId: user.id })).toEqual(user);
  await expect(showUser(deps, { userId: 'x' })).rejects.toMatchObject({ code: 'not-found' });
});

describe('to list users', () => {
  test('gives administrators a page, oldest first', async () => {
    const everyone: User[] = [];
    for (const name of ['root', 'ada', 'bob']) {
      deps.clock.advance(1);
      everyone.push(await register(`${name}@example.org`));
    }
    const by = { userId: '1', email: 'root@example.org', sessionId: '1' };

    expect(await listUsers(deps, { by, skip: 0, limit: 10 })).toEqual(everyone);
    expect(await listUsers(deps, { by, skip: 1, limit: 1 })).toEqual([everyone[1]]);
  });

  test('refuses everyone else', async () => {
    const by = asIdentity(await registerUser(deps, ADA));
    await expect(listUsers(deps, { by, skip: 0, limit: 10 })).rejects.toMatchObject({
      code: 'not-allowed',
    });
  });
});

describe('to remove a user', () => {
  test('is allowed to themselves and to administrators', async () => {
    const [ada, bob] = [await register('ada@example.org'), await register('bob@example.org')];
    const root = await register('root@example.org');
    await removeUser(deps, { by: asIdentity(ada), userId: ada.id });
    await removeUser(deps, { by: asIdentity(root), userId: bob.id });

    expect(await deps.users.list({ skip: 0, limit: 10 })).toEqual([root]);
  });

  test('is refused to everyone else, who do not learn whether the user exists', async () => {
    const [ada, bob] = [await register('ada@example.org'), await register('bob@example.org')];
    for (const userId of [bob.id, 'nobody']) {
      await expect(removeUser(deps, { by: asIdentity(ada), userId })).rejects.toMatchObject({
        code: 'not-allowed',
      });
    }
    expect(await deps.users.find(bob.id)).toEqual(bob);
  });

  test('is refused when there is no such user', async () => {
    const by = asIdentity(await register('root@example.org'));
    await expect(removeUser(deps, { by, userId: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

test('that the database does not answer is passed on', async () => {
  const down = usersDeps({ databaseAnswers: false });
  const unavailable = { code: 'unavailable', part: 'users', retry: 'later' };

  await expect(registerUser(down, ADA)).rejects.toMatchObject(unavailable);
  await expect(showUser(down, { userId: 'x' })).rejects.toMatchObject(unavailable);
  const by = { userId: '1', email: 'root@example.org', sessionId: '1' };
  await expect(listUsers(down, { by, skip: 0, limit: 1 })).rejects.toMatchObject(unavailable);
  await expect(removeUser(down, { by, userId: 'x' })).rejects.toMatchObject(unavailable);
});
