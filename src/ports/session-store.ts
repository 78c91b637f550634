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
 * - of any number of concurrent `rotate` calls with one token and no grace exactly one is `rotated`;
 * - within the grace, a token that was used is `rotated` again until a successor of it has been used;
 * - once one of several successors is used, the others count as used long ago: no grace helps them;
 * - after `reused` or `revoke` no token of that session is ever `rotated` again;
 * - tokens that ran out are removed in the course of time, by `open`.
 */
export interface SessionStore {
  /** Starts a session with its first token. */
  open(token: RefreshToken, now: Date): Promise<void>;
  /**
   * Replaces a token by its successor in the same session, in one step.
   *
   * @param graceMs how long after its use a token may be shown again by whom the answer has not reached
   */
  rotate(
    tokenHash: string,
    successor: { readonly tokenHash: string; readonly expiresAt: Date },
    now: Date,
    graceMs?: number,
  ): Promise<RotationResult>;
  /** Ends a session; without effect when there is none. */
  revoke(sessionId: string): Promise<void>;
}
