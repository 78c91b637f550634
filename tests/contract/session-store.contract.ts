import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RefreshToken } from '../../src/domain/user.ts';
import type { UserStores, UserStoresFixture } from '../support/user-stores.ts';

const START = new Date('2026-11-24T12:00:00.000Z');
const at = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

/** Tokens run out an hour after `START`, their successors two. */
export function sessionStoreContract(prepare: () => Promise<UserStoresFixture>): void {
  let fixture: UserStoresFixture;
  let stores: UserStores;

  beforeEach(async () => {
    fixture = await prepare();
    stores = fixture.open();
  });
  afterEach(() => fixture.remove());

  async function openSession(userId?: string): Promise<RefreshToken> {
    const owner = userId ?? (await addUser(stores));
    const token = {
      tokenHash: someHash(),
      sessionId: uuidv7(),
      userId: owner,
      expiresAt: at(60),
    };
    await stores.sessions.open(token, START);
    return token;
  }

  /** Shows a token, and tells what became of it and by what it was replaced. */
  async function rotate(tokenHash: string, now = START, { sessions } = stores, graceMs = 0) {
    const successor = { tokenHash: someHash(), expiresAt: at(120) };
    const result = await sessions.rotate(tokenHash, successor, now, graceMs);
    return { ...result, successor: successor.tokenHash };
  }

  test('rotates a token, and its successor in turn', async () => {
    const { sessionId, userId, tokenHash } = await openSession();
    const first = await rotate(tokenHash);
    const second = await rotate(first.successor);

    expect(first).toMatchObject({ outcome: 'rotated', sessionId, userId });
    expect(second).toMatchObject({ outcome: 'rotated', sessionId, userId });
  });

  test('does not know a token that was never issued', async () => {
    expect((await rotate(someHash())).outcome).toBe('unknown');
  });

  test('knows a token until it runs out, and its successor for longer', async () => {
    const [{ tokenHash }, other] = [await openSession(), await openSession()];
    expect((await rotate(tokenHash, at(60))).outcome).toBe('unknown');

    const { outcome, successor } = await rotate(other.tokenHash, new Date(at(60).getTime() - 1));
    expect(outcome).toBe('rotated');
    expect((await rotate(successor, at(119))).outcome).toBe('rotated');
  });

  test('ends the session when a token is used twice', async () => {
    const { sessionId, userId, tokenHash } = await openSession();
    const { successor } = await rotate(tokenHash);

    expect(await rotate(tokenHash)).toMatchObject({ outcome: 'reused', sessionId, userId });
    expect((await rotate(successor)).outcome).toBe('unknown');
    expect((await rotate(tokenHash)).outcome).toBe('unknown');
  });

  const seconds = (count: number) => new Date(START.getTime() + count * 1_000);
  const inGrace = (tokenHash: string, now: Date) => rotate(tokenHash, now, stores, 10_000);

  test('rotates a token again within the grace, while no successor of it is used', async () => {
    const { tokenHash, sessionId } = await openSession();
    const first = await inGrace(tokenHash, START);
    const second = await inGrace(tokenHash, seconds(9));
    expect(second).toMatchObject({ outcome: 'rotated', sessionId });

    expect((await inGrace(first.successor, seconds(9))).outcome).toBe('rotated');
    expect((await inGrace(tokenHash, seconds(9))).outcome).toBe('reused');
  });

  test('ends the session when a token is used twice and the grace is over', async () => {
    const { tokenHash } = await openSession();
    const { successor } = await inGrace(tokenHash, START);

    expect((await inGrace(tokenHash, seconds(10))).outcome).toBe('reused');
    expect((await inGrace(successor, seconds(10))).outcome).toBe('unknown');
  });

  test('takes the other successors for used, without a grace, once one is used', async () => {
    const { tokenHash } = await openSession();
    const [first, second] = [await inGrace(tokenHash, START), await inGrace(tokenHash, START)];
    const next = await inGrace(second.successor, seconds(1));
    expect(next.outcome).toBe('rotated');

    expect((await inGrace(first.successor, seconds(1))).outcome).toBe('reused');
    expect((await inGrace(next.successor, seconds(1))).outcome).toBe('unknown');
  });

  test('rotates for all who show a token at the same time within the grace', async () => {
    const processes = [stores, fixture.open()];
    const { tokenHash } = await openSession();
    const shown = processes.map((process) => rotate(tokenHash, START, process, 10_000));
    const [first, second] = await Promise.all(shown);

    expect([first?.outcome, second?.outcome]).toEqual(['rotated', 'rotated']);
    expect((await inGrace(second?.successor ?? '', seconds(1))).outcome).toBe('rotated');
  });

  test('leaves the user’s other sessions alone when it ends one', async () => {
    const reused = await openSession();
    const [revoked, kept] = [await openSession(reused.userId), await openSession(reused.userId)];
    await rotate(reused.tokenHash);
    await rotate(reused.tokenHash);
    await stores.sessions.revoke(revoked.sessionId);

    expect((await rotate(kept.tokenHash)).outcome).toBe('rotated');
  });

  test('rotates a token once however many show it at the same time', async () => {
    const processes = [stores, fixture.open()];
    for (let round = 0; round < 5; round += 1) {
      const { tokenHash } = await openSession();
      const shown = Array.from({ length: 6 }, () =>
        processes.map((process) => rotate(tokenHash, START, process)),
      );
      const results = await Promise.all(shown.flat());

      expect(results.filter(({ outcome }) => outcome === 'rotated')).toHaveLength(1);
      expect(results.filter(({ outcome }) => outcome === 'reused').length).toBeGreaterThan(0);
      for (const { successor } of results) {
        expect((await rotate(successor)).outcome).toBe('unknown');
      }
    }
  });

  test('leaves a token good whose successor could not be stored', async () => {
    const [token, other] = [await openSession(), await openSession()];
    const taken = { tokenHash: other.tokenHash, expiresAt: at(120) };

    await expect(stores.sessions.rotate(token.tokenHash, taken, START)).rejects.toThrow();
    expect((await rotate(token.tokenHash)).outcome).toBe('rotated');
  });

  test('knows no token of a revoked session', async () => {
    const { sessionId, tokenHash } = await openSession();
    const { successor } = await rotate(tokenHash);
    await stores.sessions.revoke(sessionId);
    await stores.sessions.revoke(sessionId);

    expect((await rotate(tokenHash)).outcome).toBe('unknown');
    expect((await rotate(successor)).outcome).toBe('unknown');
  });

  test('lets no token survive a revocation that meets a rotation', async () => {
    const other = fixture.open();
    for (let round = 0; round < 20; round += 1) {
      const { sessionId, tokenHash } = await openSession();
      const [{ successor }] = await Promise.all([
        rotate(tokenHash),
        other.sessions.revoke(sessionId),
      ]);
      expect((await rotate(successor)).outcome).toBe('unknown');
    }
  });

  test('opens many sessions at the same time', async () => {
    const userId = await addUser(stores);
    await openSession(userId);
    const tokens = await Promise.all(Array.from({ length: 12 }, () => openSession(userId)));

    for (const { tokenHash } of tokens) expect((await rotate(tokenHash)).outcome).toBe('rotated');
  });

  test('removes what ran out when a session is opened, and nothing else', async () => {
    const [ranOut, alive] = [await openSession(), await openSession()];
    const { successor } = await rotate(alive.tokenHash);
    const newer = { ...ranOut, tokenHash: someHash(), sessionId: uuidv7(), expiresAt: at(150) };
    await stores.sessions.open(newer, at(90));

    // Asked as of START, when both first tokens were still good.
    expect((await rotate(ranOut.tokenHash)).outcome).toBe('unknown');
    expect((await rotate(alive.tokenHash)).outcome).toBe('unknown');
    expect((await rotate(successor)).outcome).toBe('rotated');
  });

  test('keeps sessions over a restart', async () => {
    const { tokenHash } = await openSession();
    await stores.users.dispose();

    expect((await rotate(tokenHash, START, fixture.open())).outcome).toBe('rotated');
  });

  test('rejects with Unavailable when the database does not answer', async () => {
    const unanswered = fixture.openUnanswered();
    const unavailable = { code: 'unavailable', part: 'users', retry: 'later' };
    const token = { tokenHash: '1', sessionId: '1', userId: '1', expiresAt: at(60) };

    await expect(unanswered.sessions.open(token, START)).rejects.toMatchObject(unavailable);
    await expect(rotate('1', START, unanswered)).rejects.toMatchObject(unavailable);
    await expect(unanswered.sessions.revoke('1')).rejects.toMatchObject(unavailable);
  });
}

async function addUser({ users }: UserStores): Promise<string> {
  const id = uuidv7();
  const email = `${id}@example.org`;
  await users.add({ id, email, fullName: 'Ada', passwordHash: '-', createdAt: START });
  return id;
}

function someHash(): string {
  return randomBytes(32).toString('hex');
}
