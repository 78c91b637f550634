import { Refused } from '../../src/domain/errors.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { SessionStore } from '../../src/ports/session-store.ts';
import type { TokenSigner } from '../../src/ports/token-signer.ts';
import type { UserStore } from '../../src/ports/user-store.ts';
import {
  ACCESS_TOKEN_LIFETIME_SECONDS,
  hashRefreshToken,
  newRefreshToken,
  type SessionTokens,
} from './session-tokens.ts';

export interface RefreshSessionDeps {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly tokens: TokenSigner;
  readonly clock: Clock;
}

/**
 * Gives a new pair for a refresh token, which is thereby used up. A token that was used before ends
 * its session, for one of the two who showed it is not its owner (RFC 9700, section 4.14.2); the
 * answer is the same as to a token that never was.
 *
 * @throws {Refused} `not-authenticated`
 */
export async function refreshSession(
  deps: RefreshSessionDeps,
  input: {
    readonly refreshToken: string;
    /** How long a token that was used may be shown once more; see `rotate` of src/ports/session-store.ts. */
    readonly graceMs?: number;
  },
): Promise<SessionTokens> {
  const now = deps.clock.now();
  const successor = newRefreshToken(now);
  const tokenHash = hashRefreshToken(input.refreshToken);
  const rotation = await deps.sessions.rotate(tokenHash, successor, now, input.graceMs);
  if (rotation.outcome !== 'rotated') throw notValid();

  const user = await deps.users.find(rotation.userId);
  if (!user) throw notValid();

  const identity = { userId: user.id, email: user.email, sessionId: rotation.sessionId };
  return {
    accessToken: await deps.tokens.sign(identity, now, ACCESS_TOKEN_LIFETIME_SECONDS),
    refreshToken: successor.refreshToken,
    expiresInSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
  };
}

function notValid(): Refused {
  return new Refused('not-authenticated', 'the refresh token is not valid; sign in again');
}
