import { v7 as uuidv7 } from 'uuid';
import { Refused } from '../../src/domain/errors.ts';
import { normalizeEmail } from '../../src/domain/user.ts';
import type { PasswordHasher } from '../../src/ports/password-hasher.ts';
import type { SessionStore } from '../../src/ports/session-store.ts';
import type { TokenSigner } from '../../src/ports/token-signer.ts';
import type { UserStore } from '../../src/ports/user-store.ts';
import {
  ACCESS_TOKEN_LIFETIME_SECONDS,
  newRefreshToken,
  type SessionTokens,
} from './session-tokens.ts';
import { countSignIn, forgetFailures, type ThrottleDeps } from './throttle.ts';

export interface SignInDeps extends ThrottleDeps {
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly passwords: PasswordHasher;
  readonly tokens: TokenSigner;
}

export interface SignInInput {
  readonly email: string;
  readonly password: string;
  /** Where the request comes from. */
  readonly address: string;
}

/**
 * Starts a session. Neither the answer nor its time tells whether the address exists.
 *
 * @throws {Refused} `invalid-credentials`
 * @throws {Limited} `too-many-attempts`, before anything is computed
 */
export async function signIn(deps: SignInDeps, input: SignInInput): Promise<SessionTokens> {
  const email = normalizeEmail(input.email);
  const attempt = { email, address: input.address };
  await countSignIn(deps, attempt);
  const user = await deps.users.findByEmail(email);
  const isRight = await deps.passwords.verify(input.password, user?.passwordHash);
  if (!user || !isRight) {
    throw new Refused('invalid-credentials', 'the e-mail address or the password is wrong');
  }

  await forgetFailures(deps, attempt);

  const now = deps.clock.now();
  const sessionId = uuidv7();
  const { refreshToken, tokenHash, expiresAt } = newRefreshToken(now);
  await deps.sessions.open({ tokenHash, sessionId, userId: user.id, expiresAt }, now);

  const identity = { userId: user.id, email: user.email, sessionId };
  return {
    accessToken: await deps.tokens.sign(identity, now, ACCESS_TOKEN_LIFETIME_SECONDS),
    refreshToken,
    expiresInSeconds: ACCESS_TOKEN_LIFETIME_SECONDS,
  };
}
