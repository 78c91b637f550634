import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { User } from '../../src/domain/user.ts';
import type { UserStoresFixture } from '../support/user-stores.ts';

export function userStoreContract(prepare: () => Promise<UserStoresFixture>): void {
  let fixture: UserStoresFixture;

  beforeEach(async () => {
    fixture = await prepare();
  });
  afterEach(() => fixture.remove());

  test('finds a user by id and by address, exactly as added', async () => {
    const { users } = fixture.open();
    const ada = someUser({
      fullName: 'Ada Löwe 🦁 "; DROP TABLE users',
      createdAt: new Date(1_764_000_000_123),
    });
    await users.add(ada);

    expect(await users.find(ada.id)).toEqual(ada);
    expect(await users.findByEmail(ada.email)).toEqual(ada);
  });

  test('finds nobody where there is nobody', async () => {
    const { users } = fixture.open();
    await users.add(someUser());

    expect(await users.find(uuidv7())).toBeUndefined();
    expect(await users.findByEmail('nobody@example.org')).toBeUndefined();
  });

  test('refuses an address that is taken', async () => {
    const { users } = fixture.open();
    const ada = someUser();
    await users.add(ada);

    await expect(users.add(someUser({ email: ada.email }))).rejects.toMatchObject({
      code: 'email-taken',
      retry: 'never',
    });
    expect(await users.findByEmail(ada.email)).toEqual(ada);
  });

  test('takes addresses for different that differ in an accent only', async () => {
    const { users } = fixture.open();
    await users.add(someUser({ email: 'rene@example.org' }));
    await users.add(someUser({ email: 'rené@example.org' }));

    expect(await users.findByEmail('renè@example.org')).toBeUndefined();
  });

  test('lets exactly one of many concurrent adds with one address succeed', async () => {
    const processes = [fixture.open(), fixture.open()];
    const { email } = someUser();
    const adds = Array.from({ length: 6 }, () =>
      processes.map(({ users }) => users.add(someUser({ email }))),
    );
    const results = await Promise.allSettled(adds.flat());

    const refusals = results.filter((result) => result.status === 'rejected');
    expect(refusals).toHaveLength(results.length - 1);
    for (const { reason } of refusals) expect(reason).toMatchObject({ code: 'email-taken' });
  });

  test('lists a page, oldest first', async () => {
    const { users } = fixture.open();
    const youngestFirst = [4, 3, 2, 1].map((day) =>
      someUser({ createdAt: new Date(`2026-11-0${day}T00:00:00.000Z`) }),
    );
    const byAge = youngestFirst.toReversed();
    for (const user of youngestFirst) await users.add(user);

    expect(await users.list({ skip: 0, limit: 10 })).toEqual(byAge);
    expect(await users.list({ skip: 1, limit: 2 })).toEqual(byAge.slice(1, 3));
    expect(await users.list({ skip: 4, limit: 2 })).toEqual([]);
  });

  test('removes a user once, and frees the address', async () => {
    const { users } = fixture.open();
    const ada = someUser();
    await users.add(ada);

    expect(await users.remove(ada.id)).toBe(true);
    expect(await users.remove(ada.id)).toBe(false);
    expect(await users.find(ada.id)).toBeUndefined();
    await users.add(someUser({ email: ada.email }));
  });

  test('removes a user with every session of theirs and nobody else’s', async () => {
    const { users, sessions } = fixture.open();
    const [ada, bob] = [someUser(), someUser()];
    const now = new Date();
    const expiresAt = new Date(now.getTime() + 60_000);
    for (const user of [ada, bob]) {
      await users.add(user);
      const token = { tokenHash: user.id, sessionId: uuidv7(), userId: user.id, expiresAt };
      await sessions.open(token, now);
    }
    await users.remove(ada.id);

    const next = (tokenHash: string) => ({ tokenHash, expiresAt });
    expect(await sessions.rotate(ada.id, next('a'), now)).toEqual({ outcome: 'unknown' });
    expect(await sessions.rotate(bob.id, next('b'), now)).toMatchObject({ outcome: 'rotated' });
  });

  test('keeps what it has answered over a restart', async () => {
    const before = fixture.open();
    const ada = someUser();
    await before.users.add(ada);
    await before.users.dispose();

    expect(await fixture.open().users.find(ada.id)).toEqual(ada);
  });

  test('answers a ping', async () => {
    await fixture.open().users.ping();
  });

  test('rejects with Unavailable when the database does not answer', async () => {
    const { users } = fixture.openUnanswered();
    const unavailable = { code: 'unavailable', part: 'users', retry: 'later' };

    await expect(users.ping()).rejects.toMatchObject(unavailable);
    await expect(users.add(someUser())).rejects.toMatchObject(unavailable);
    await expect(users.find('1')).rejects.toMatchObject(unavailable);
    await expect(users.findByEmail('a@example.org')).rejects.toMatchObject(unavailable);
    await expect(users.list({ skip: 0, limit: 1 })).rejects.toMatchObject(unavailable);
    await expect(users.remove('1')).rejects.toMatchObject(unavailable);
  });
}

function someUser(given: Partial<User> = {}): User {
  const id = uuidv7();
  return {
    id,
    email: `${id}@example.org`,
    fullName: 'Ada Lovelace',
    passwordHash: '$2b$12$abcdefghijklmnopqrstuuRVp1sPYyVXyP8Dxm1eHd1jx8lXcVx3i',
    createdAt: new Date(),
    ...given,
  };
}
