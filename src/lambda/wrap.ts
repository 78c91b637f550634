import middy from '@middy/core';
import doNotWaitForEmptyEventLoop from '@middy/do-not-wait-for-empty-event-loop';
import type { Context } from 'aws-lambda';
import type { StreamingHandler } from './streaming.ts';

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
  const composed = once(compose);
  // Without middy's own time-out: it would answer while the work goes on.
  const handler = middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .use(doNotWaitForEmptyEventLoop({ runOnError: true }))
    .handler(async (event, context) => {
      return await (await composed())(event, context);
    });
  return async (event, context) => await handler(event, context);
}

/** The same for a function whose answer is streamed. */
export function wrapStreaming(compose: () => Promise<StreamingHandler>) {
  const composed = once(compose);
  return awslambda.streamifyResponse(
    async (...[event, output, context]: Parameters<StreamingHandler>) => {
      context.callbackWaitsForEmptyEventLoop = false;
      await (await composed())(event, output, context);
    },
  );
}

/** What is made at the first call and kept; a failure is not. */
function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
