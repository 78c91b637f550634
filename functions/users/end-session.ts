import type { Clock } from '../../src/ports/clock.ts';
import type { SessionStore } from '../../src/ports/session-store.ts';
import { hashRefreshToken, newRefreshToken } from './session-tokens.ts';

/**
 * Ends the session that a refresh token is of, also when the token was used before; there is none when it
 * never was or has run out. Rotation is what tells whose it is, and nobody gets the successor.
 */
export async function endSession(
  deps: { readonly sessions: SessionStore; readonly clock: Clock },
  input: { readonly refreshToken: string },
): Promise<void> {
  const now = deps.clock.now();
  const tokenHash = hashRefreshToken(input.refreshToken);
  const rotation = await deps.sessions.rotate(tokenHash, newRefreshToken(now), now);
  if (rotation.outcome !== 'unknown') await deps.sessions.revoke(rotation.sessionId);
}
