import type { MiddlewareHandler } from 'hono';
import { Refused } from '../domain/errors.ts';
import type { TokenVerifier } from '../ports/token-verifier.ts';
import type { ApiEnv } from './api.ts';

/** RFC 6750, section 2.1: the scheme is compared without regard to case. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** Lets only those in who carry a valid access token, and says who they are: `context.get('token')`. */
export function authenticate(tokens: TokenVerifier): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const token = BEARER.exec(context.req.header('authorization') ?? '')?.[1];
    if (token === undefined) {
      throw new Refused('not-authenticated', 'Send an access token: Authorization: Bearer <token>');
    }
    context.set('token', await tokens.verify(token));
    await next();
  };
}
