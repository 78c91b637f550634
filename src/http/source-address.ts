import type { Context } from 'hono';
import type { ApiEnv } from './api.ts';

/**
 * Where a request comes from, as the host says it and not as a header does, which anybody can write.
 * A host that does not say it has one address for all of them.
 */
export function sourceAddress(context: Context<ApiEnv>): string {
  return context.env?.sourceIp ?? '';
}
