import { Unavailable } from '../../src/domain/errors.ts';
import type { RefreshToken } from '../../src/domain/user.ts';
import type { SessionStore } from '../../src/ports/session-store.ts';

export interface FakeSessionStore extends SessionStore {
  /** What the database does by itself when a user is removed. */
  removeSessionsOf(userId: string): void;
}

/** Sessions in memory. With `answers: false` every call fails as if the database did not answer. */
export function fakeSessionStore({ answers = true } = {}): FakeSessionStore {
  const tokens = new Map<string, RefreshToken & { usedAtMs?: number | undefined }>();

  function expectAnswer(): void {
    if (!answers) throw new Unavailable('users');
  }
  function removeWhere(matches: (token: RefreshToken) => boolean): void {
    for (const token of tokens.values()) if (matches(token)) tokens.delete(token.tokenHash);
  }

  return {
    async open(token, now) {
      expectAnswer();
      removeWhere(({ expiresAt }) => expiresAt <= now);
      tokens.set(token.tokenHash, { ...token });
    },
    async rotate(tokenHash, successor, now, graceMs = 0) {
      expectAnswer();
      const token = tokens.get(tokenHash);
      if (!token || token.expiresAt <= now) return { outcome: 'unknown' };
      const { sessionId, userId } = token;
      const others = [...tokens.values()].filter((other) => other.sessionId === sessionId);
      const { usedAtMs } = token;
      const isLast =
        usedAtMs !== undefined && !others.some((other) => (other.usedAtMs ?? 0) > usedAtMs);
      const isInGrace = graceMs > 0 && isLast && usedAtMs > 0 && now.getTime() - usedAtMs < graceMs;
      if (usedAtMs !== undefined && !isInGrace) {
        removeWhere((other) => other.sessionId === sessionId);
        return { outcome: 'reused', sessionId, userId };
      }
      if (tokens.has(successor.tokenHash)) throw new Unavailable('users');
      if (usedAtMs === undefined) {
        for (const other of others) other.usedAtMs ??= 0;
        token.usedAtMs = now.getTime();
      }
      tokens.set(successor.tokenHash, { sessionId, userId, ...successor });
      return { outcome: 'rotated', sessionId, userId };
    },
    async revoke(sessionId) {
      expectAnswer();
      removeWhere((token) => token.sessionId === sessionId);
    },
    removeSessionsOf: (userId) => removeWhere((token) => token.userId === userId),
  };
}
