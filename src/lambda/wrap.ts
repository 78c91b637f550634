import middy from '@middy/core';
import doNotWaitForEmptyEventLoop from '@middy/do-not-wait-for-empty-event-loop';
import type { Context } from 'aws-lambda';

/** A function as Lambda calls it. */
export type LambdaHandler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/**
 * What every function needs of Lambda's manners: its answer goes out while pooled connections stay
 * open, and what it is made of is made at its first call, so that importing it costs nothing.
 *
 * A first call that could not compose (a bad setting, say) is not remembered: the next tries anew.
 */
export function wrap<Event, Result>(
  compose: () => Promise<LambdaHandler<Event, Result>>,
): LambdaHandler<Event, Result> {
  let composed: Promise<LambdaHandler<Event, Result>> | undefined;
  // Without middy's own time-out: it would answer while the work goes on.
  const handler = middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .use(doNotWaitForEmptyEventLoop({ runOnError: true }))
    .handler(async (event, context) => {
      composed ??= compose().catch((error: unknown) => {
        composed = undefined;
        throw error;
      });
      return await (await composed)(event, context);
    });
  return async (event, context) => await handler(event, context);
}
