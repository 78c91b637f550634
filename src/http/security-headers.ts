import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from './api.ts';

/**
 * What every answer says to browsers unless its route says otherwise. Answers are data: nothing in one is
 * run, framed, or guessed to be of another type. A page sets a `content-security-policy` of its own.
 * https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers
 */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  // For browsers that do not know frame-ancestors.
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
} as const;

/** A year, as RFC 6797 counts it; a host that is reached by plain HTTP must not say it (section 7.2). */
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

/** Adds what an answer does not say by itself, to refusals as well. */
export function securityHeaders(): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      if (!headers.has(name)) context.header(name, value);
    }
    // API Gateway, Function URLs and proxies say how they were reached.
    if (context.req.header('x-forwarded-proto') === 'https') {
      context.header('strict-transport-security', STRICT_TRANSPORT_SECURITY);
    }
  };
}
