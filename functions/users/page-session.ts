import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type * as z from 'zod';
import { Refused } from '../../src/domain/errors.ts';
import type { Api, ApiEnv } from '../../src/http/api.ts';
import { sourceAddress } from '../../src/http/source-address.ts';
import { endSession } from './end-session.ts';
import { type RefreshSessionDeps, refreshSession } from './refresh-session.ts';
import type { accessTokenSchema } from './schemas.ts';
import { beginSessionRoute, endSessionRoute, renewSessionRoute } from './session-routes.ts';
import { REFRESH_TOKEN_LIFETIME_SECONDS, type SessionTokens } from './session-tokens.ts';
import { type SignInDeps, signIn } from './sign-in.ts';

const COOKIE = 'soundlift_session';
const PATH = '/api/v1/auth/session';

/** Whoever has lost an answer on the way asks again within this. */
const GRACE_MS = 10_000;

/**
 * The session of the web page: its refresh token is in a cookie that the browser sends to `PATH` alone and
 * shows to no script; its access token is in the page's memory. docs/adr/0038 has the reasons.
 */
export function addPageSession(api: Api, deps: SignInDeps & RefreshSessionDeps): void {
  api.use(PATH, refuseOtherSites());
  api.use(`${PATH}/*`, refuseOtherSites());

  api.openapi(beginSessionRoute, async (context) => {
    const given = { ...context.req.valid('json'), address: sourceAddress(context) };
    const tokens = await signIn(deps, given);
    const refreshToken = getCookie(context, COOKIE);
    // The cookie of the one before is gone with this answer.
    if (refreshToken !== undefined) await endSession(deps, { refreshToken });
    return context.json(give(context, tokens), 200);
  });

  api.openapi(renewSessionRoute, async (context) => {
    const refreshToken = getCookie(context, COOKIE);
    if (refreshToken === undefined) {
      throw new Refused('not-authenticated', 'there is no session; sign in');
    }
    const tokens = await refreshSession(deps, { refreshToken, graceMs: GRACE_MS });
    return context.json(give(context, tokens), 200);
  });

  api.openapi(endSessionRoute, async (context) => {
    const refreshToken = getCookie(context, COOKIE);
    if (refreshToken !== undefined) await endSession(deps, { refreshToken });
    deleteCookie(context, COOKIE, attributes(context));
    return context.body(null, 204);
  });
}

function give(context: Context<ApiEnv>, tokens: SessionTokens): z.infer<typeof accessTokenSchema> {
  const maxAge = REFRESH_TOKEN_LIFETIME_SECONDS;
  setCookie(context, COOKIE, tokens.refreshToken, { ...attributes(context), maxAge });
  // RFC 6749, section 5.1.
  context.header('cache-control', 'no-store');
  return {
    access_token: tokens.accessToken,
    token_type: 'bearer',
    expires_in: tokens.expiresInSeconds,
  };
}

/**
 * Secure, unless the browser itself says that the page came by plain HTTP: no setting to forget, and no
 * header of a proxy to trust.
 */
function attributes(context: Context<ApiEnv>) {
  const isPlain = context.req.header('origin')?.startsWith('http:') ?? false;
  return { path: PATH, httpOnly: true, sameSite: 'Strict', secure: !isPlain } as const;
}

/**
 * Beside SameSite=Strict: a page of the same site, but of another origin, gets no session either.
 * https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
 */
function refuseOtherSites(): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const site = context.req.header('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin') {
      throw new Refused('not-allowed', 'Only a page of this service may use its session.');
    }
    await next();
  };
}
