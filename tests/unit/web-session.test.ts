import { describe, expect, it } from 'vitest';
import { Problem } from '../../web/api/problem.ts';
import { createSession, type SessionDeps } from '../../web/session/session.ts';

const USER = { id: 'u1', email: 'ada@example.org', fullName: 'Ada' };
const refused = () => Promise.reject(new Problem({ code: 'not-authenticated', status: 401 }));

function setUp(given: { refresh?: SessionDeps['api']['refresh']; isMarked?: boolean } = {}) {
  let count = 0;
  const world = { nowMs: 0, isMarked: given.isMarked ?? true, told: 0, timers: 0 };
  const next = async () => {
    count += 1;
    return { value: `token-${count}`, expiresInSeconds: 900 };
  };
  const api = {
    begin: next,
    refresh: given.refresh ?? next,
    end: async () => undefined,
    showUser: async () => USER,
  };
  const session = createSession({
    api,
    inTurn: (work) => work(),
    mark: {
      isSet: () => world.isMarked,
      set: (isSignedIn) => Object.assign(world, { isMarked: isSignedIn }),
    },
    otherTabs: { tell: () => Object.assign(world, { told: world.told + 1 }) },
    nowMs: () => world.nowMs,
    after: () => {
      world.timers += 1;
      return () => undefined;
    },
  });
  return { session, world, api, asked: () => count };
}

describe('the session of the page', () => {
  it('asks nobody where nobody has signed in', async () => {
    const { session, asked } = setUp({ isMarked: false });
    await session.restore();
    expect(session.state.value).toEqual({ kind: 'signed-out', isExpired: false });
    expect(asked()).toBe(0);
  });

  it('is taken up again when the page is opened', async () => {
    const { session } = setUp();
    await session.restore();
    expect(session.state.value).toEqual({ kind: 'signed-in', user: USER });
    expect(await session.accessToken()).toBe('token-1');
  });

  it('says that it has ended where it has', async () => {
    const { session, world } = setUp({ refresh: refused });
    await session.restore();
    expect(session.state.value).toEqual({ kind: 'signed-out', isExpired: true });
    expect(world.isMarked).toBe(false);
  });

  it('is not given up because nobody could be asked', async () => {
    const { session, world } = setUp({ refresh: () => Promise.reject(new Error('no line')) });
    await session.restore();
    expect(session.state.value).toEqual({ kind: 'unreachable' });
    expect(world.isMarked).toBe(true);
  });

  it('exchanges a token that is about to end, once for all who ask', async () => {
    const { session, world } = setUp();
    await session.restore();
    world.nowMs = 880_000;
    expect(await Promise.all([session.accessToken(), session.accessToken()])).toEqual([
      'token-2',
      'token-2',
    ]);
  });

  it('exchanges one that was refused, unless that has been done meanwhile', async () => {
    const { session, asked } = setUp();
    await session.restore();
    expect(await session.tokenRefused('token-1')).toBe(true);
    expect(await session.tokenRefused('token-1')).toBe(true);
    expect(asked()).toBe(2);
  });

  it('lets who needs a token wait until somebody has signed in again', async () => {
    const { session, api } = setUp();
    await session.restore();
    api.refresh = refused;
    expect(await session.tokenRefused('token-1')).toBe(false);
    const waiting = session.accessToken();
    await session.signIn({ email: USER.email, password: 'correct horse battery' });
    expect(await waiting).toBe('token-2');
  });

  it('ends in all tabs', async () => {
    const { session, world } = setUp();
    await session.restore();
    await session.signOut();
    expect(session.state.value).toEqual({ kind: 'signed-out', isExpired: false });
    expect(world.told).toBe(1);
    const other = setUp();
    await other.session.restore();
    other.session.hasEnded();
    expect(other.session.state.value.kind).toBe('signed-out');
  });
});
