import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { v7 as uuidv7 } from 'uuid';
import { InvalidInput, Refused } from '../domain/errors.ts';
import type { Logger } from '../logger.ts';
import type { VerifiedToken } from '../ports/token-verifier.ts';
import { retryAfterSeconds, toProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

/** What a route can know of the event beside the request. */
export interface HttpBindings {
  /** Lambda's id of the invocation: it is in every line of its log, in ours, and in every problem. */
  readonly requestId: string;
  /** Where the request comes from, as the host saw it: headers can say anything. */
  readonly sourceIp: string;
}

export interface ApiEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    logger: Logger;
    /** Set by `authenticate`. */
    token: VerifiedToken;
  };
}

export type Api = OpenAPIHono<ApiEnv>;

/**
 * The ground that every HTTP function stands on: paths with and without a trailing slash are the
 * same, whatever goes wrong is answered as RFC 9457 problem, and every answer can be found in the log.
 */
export function createApi(deps: { readonly logger: Logger }): Api {
  const api: Api = new OpenAPIHono<ApiEnv>({
    strict: false,
    defaultHook: (result) => {
      if (!result.success) throw toInvalidInput(result.error.issues);
    },
  });
  // What a route says itself stands.
  api.use(securityHeaders());
  api.use(async (context, next) => {
    const requestId = context.env?.requestId ?? uuidv7();
    const startedAt = performance.now();
    const logger = deps.logger.child({ requestId });
    context.set('requestId', requestId);
    context.set('logger', logger);
    await next();
    context.header('x-request-id', requestId);
    const { method, path } = context.req;
    const durationMs = Math.round(performance.now() - startedAt);
    logger.info({ method, path, status: context.res.status, durationMs }, 'request');
  });
  api.notFound((context) => {
    const methods = methodsOf(api, context.req.path);
    if (methods.length === 0) {
      return answerProblem(new Refused('not-found', 'There is nothing here. See /docs.'), context);
    }
    const allow = methods.join(', ');
    context.header('allow', allow);
    return answerProblem(new Refused('method-not-allowed', `Answered here: ${allow}.`), context);
  });
  api.onError(answerProblem);
  return api;
}

/** Those that a path answers, for `Allow`; HEAD is answered as GET is. */
function methodsOf(api: Api, path: string): string[] {
  const methods = api.routes
    .filter((route) => route.method !== 'ALL' && isOf(route.path, path))
    .map((route) => route.method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

/** Whether a path is one that a route like `/files/:id` means; a slash at the end changes nothing. */
function isOf(routePath: string, path: string): boolean {
  const given = path.replace(/\/$/, '').split('/');
  const wanted = routePath.split('/');
  return (
    given.length === wanted.length &&
    wanted.every((name, index) => name === given[index] || (name.startsWith(':') && given[index]))
  );
}

function answerProblem(error: Error, context: Context<ApiEnv>): Response {
  const problem = toProblem(error, context.get('requestId'));
  if (problem.status >= 500) context.get('logger').error({ err: error }, 'request failed');
  if (problem.status === 401) context.header('www-authenticate', 'Bearer');
  const waitSeconds = retryAfterSeconds(error, problem.status);
  if (waitSeconds !== undefined) context.header('retry-after', String(waitSeconds));
  const { body, headers } = context.body(JSON.stringify(problem), 500, {
    'content-type': 'application/problem+json',
  });
  return new Response(body, { status: problem.status, headers });
}

/** What a schema finds wrong, by field. */
export function toInvalidInput(
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): InvalidInput {
  return new InvalidInput(
    issues.map(({ path, message }) => ({ field: path.map(String).join('.') || 'body', message })),
  );
}
