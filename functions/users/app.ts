import { bodyLimit } from 'hono/body-limit';
import type * as z from 'zod';
import { Refused } from '../../src/domain/errors.ts';
import type { User } from '../../src/domain/user.ts';
import { type Api, createApi } from '../../src/http/api.ts';
import { authenticate } from '../../src/http/authenticate.ts';
import { sourceAddress } from '../../src/http/source-address.ts';
import type { Logger } from '../../src/logger.ts';
import type { TokenVerifier, VerifiedToken } from '../../src/ports/token-verifier.ts';
import { listUsers } from './list-users.ts';
import { addPageSession } from './page-session.ts';
import { type RefreshSessionDeps, refreshSession } from './refresh-session.ts';
import { type RegisterUserDeps, registerUser } from './register-user.ts';
import { removeUser } from './remove-user.ts';
import {
  listUsersRoute,
  loginRoute,
  refreshRoute,
  registerRoute,
  removeSelfRoute,
  removeUserRoute,
  showSelfRoute,
  signInAliasRoute,
  signInRoute,
  signOutRoute,
  validateAliasRoute,
  validateRoute,
} from './routes.ts';
import type { claimsSchema, tokensSchema, userSchema } from './schemas.ts';
import type { SessionTokens } from './session-tokens.ts';
import { showUser } from './show-user.ts';
import { signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';

export interface UsersDeps extends RegisterUserDeps, RefreshSessionDeps {
  readonly verifier: TokenVerifier;
  readonly adminEmails: readonly string[];
  readonly logger: Logger;
}

const MAX_BODY_BYTES = 16 * 1024;

/** The HTTP API of *users*: accounts and tokens. */
export function createUsersApp(deps: UsersDeps): Api {
  const api = createApi(deps);
  api.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: () => {
        throw new Refused('too-large', 'The body is larger than any that makes sense here.');
      },
    }),
  );
  addAccounts(api, deps);
  addTokens(api, deps);
  addPageSession(api, deps);
  // For *gateway*'s /health, which cannot reach this database itself.
  api.get('/api/v1/auth/health', async (context) => {
    await deps.users.ping();
    return context.body(null, 204);
  });
  return api;
}

function addAccounts(api: Api, deps: UsersDeps): void {
  const signedIn = authenticate(deps.verifier);
  api.use('/api/v1/users/me', signedIn);
  api.get('/api/v1/users', signedIn);
  api.delete('/api/v1/users/:id', signedIn);

  api.openapi(registerRoute, async (context) => {
    const { email, password, full_name: fullName } = context.req.valid('json');
    const address = sourceAddress(context);
    const user = await registerUser(deps, { email, password, fullName, address });
    return context.json(toUserView(user), 201);
  });

  api.openapi(listUsersRoute, async (context) => {
    const by = context.get('token').identity;
    const users = await listUsers(deps, { by, ...context.req.valid('query') });
    return context.json(users.map(toUserView), 200);
  });

  api.openapi(showSelfRoute, async (context) => {
    const { userId } = context.get('token').identity;
    return context.json(toUserView(await showUser(deps, { userId })), 200);
  });

  api.openapi(removeSelfRoute, async (context) => {
    const by = context.get('token').identity;
    await removeUser(deps, { by, userId: by.userId });
    return context.body(null, 204);
  });

  api.openapi(removeUserRoute, async (context) => {
    const by = context.get('token').identity;
    await removeUser(deps, { by, userId: context.req.valid('param').id });
    return context.body(null, 204);
  });
}

function addTokens(api: Api, deps: UsersDeps): void {
  const signedIn = authenticate(deps.verifier);
  api.use('/api/v1/auth/logout', signedIn);
  api.use('/api/v1/auth/validate', signedIn);
  api.use('/api/v1/token/validate', signedIn);

  for (const route of [signInRoute, signInAliasRoute]) {
    api.openapi(route, async (context) => {
      const given = { ...context.req.valid('json'), address: sourceAddress(context) };
      return context.json(toTokensView(await signIn(deps, given)), 200);
    });
  }

  api.openapi(loginRoute, async (context) => {
    const { username, password } = context.req.valid('form');
    const given = { email: username, password, address: sourceAddress(context) };
    return context.json(toTokensView(await signIn(deps, given)), 200);
  });

  api.openapi(refreshRoute, async (context) => {
    const { refresh_token: refreshToken } = context.req.valid('json');
    return context.json(toTokensView(await refreshSession(deps, { refreshToken })), 200);
  });

  api.openapi(signOutRoute, async (context) => {
    await signOut(deps, context.get('token').identity);
    return context.body(null, 204);
  });

  for (const route of [validateRoute, validateAliasRoute]) {
    api.openapi(route, (context) => context.json(toClaimsView(context.get('token')), 200));
  }
}

function toUserView({ id, email, fullName }: User): z.infer<typeof userSchema> {
  return { id, email, full_name: fullName };
}

/** The member names are those of RFC 6749, section 5.1. */
function toTokensView(tokens: SessionTokens): z.infer<typeof tokensSchema> {
  return {
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    token_type: 'bearer',
    expires_in: tokens.expiresInSeconds,
  };
}

function toClaimsView(token: VerifiedToken): z.infer<typeof claimsSchema> {
  const { userId, email, sessionId } = token.identity;
  const [iat, exp] = [toNumericDate(token.issuedAt), toNumericDate(token.expiresAt)];
  return { sub: userId, email, sid: sessionId, iat, exp };
}

/** RFC 7519, section 2: seconds since the epoch. */
function toNumericDate(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
