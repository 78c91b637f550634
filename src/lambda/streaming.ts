import { pipeline } from 'node:stream/promises';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { toProblem } from '../http/problem.ts';
import type { Logger } from '../logger.ts';
import { type FetchApp, problemHeaders, toRequest } from './http.ts';

/** A function as Lambda calls it when its answer is streamed. */
export type StreamingHandler = (
  event: APIGatewayProxyEventV2,
  output: awslambda.HttpResponseStream,
  context: Context,
) => void | Promise<void>;

/**
 * A function behind a Function URL whose invoke mode is RESPONSE_STREAM. What it sends is made only
 * as fast as it is taken, so its memory does not grow with the answer. The events are those of the
 * HTTP API.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
 */
export function createStreamingHandler(app: FetchApp, logger: Logger): StreamingHandler {
  return async (event, output, context) => {
    const { awsRequestId: requestId } = context;
    const response = await answer(app, event, requestId, logger);
    const sink = awslambda.HttpResponseStream.from(output, {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
    });
    if (response.body === null) {
      // Status and headers go out before the first write, and without one not at all.
      sink.write('');
      sink.end();
      return;
    }
    try {
      await pipeline(response.body, sink);
    } catch (error) {
      if (isGone(error)) return logger.info({ requestId }, 'the client has gone');
      logger.error({ requestId, err: error }, 'the answer broke off');
      // Thrown on: what was sent of it must not look whole.
      throw error;
    }
  };
}

async function answer(
  app: FetchApp,
  event: APIGatewayProxyEventV2,
  requestId: string,
  logger: Logger,
): Promise<Response> {
  try {
    const { sourceIp } = event.requestContext.http;
    return await app.fetch(toRequest(event), { requestId, sourceIp });
  } catch (error) {
    logger.error({ requestId, err: error }, 'no answer could be made');
    const problem = toProblem(error, requestId);
    const { status } = problem;
    return new Response(JSON.stringify(problem), { status, headers: problemHeaders(problem) });
  }
}

function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(code));
}
