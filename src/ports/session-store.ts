import type { RefreshToken } from '../domain/user.ts';

/** What became of a refresh token that somebody showed. */
export type RotationResult =
  | { readonly outcome: 'rotated'; readonly sessionId: string; readonly userId: string }
  /** It had been used before: the whole family is revoked now. */
  | { readonly outcome: 'reused'; readonly sessionId: string; readonly userId: string }
  /** Never issued, run out, or its session has been revoked. */
  | { readonly outcome: 'unknown' };

/**
 * Keeps the refresh tokens of sessions, by their hashes.
 *
 * Promises, which `tests/contract/session-store.contract.ts` checks:
 * - of any number of concurrent `rotate` calls with one token exactly one is `rotated`;
 * - after `reused` or `revoke` no token of that session is ever `rotated` again;
 * - tokens that ran out are removed in the course of time, by `open`.
 */
export interface SessionStore {
  /** Starts a session with its first token. */
  open(token: RefreshToken, now: Date): Promise<void>;
  /** Replaces a token by its successor in the same session, in one step. */
  rotate(
    tokenHash: string,
    successor: { readonly tokenHash: string; readonly expiresAt: Date },
    now: Date,
  ): Promise<RotationResult>;
  /** Ends a session; without effect when there is none. */
  revoke(sessionId: string): Promise<void>;
}
