import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { StreamingHandler } from '../../src/lambda/streaming.ts';

/*
 * What AWS's Function URLs with invoke mode RESPONSE_STREAM do, on Node's HTTP server:
 * serverless-offline has none, and holds every answer whole.
 */

const TIMEOUT_MS = 15 * 60_000;

interface Prelude {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The global that Lambda's Node runtime has, for functions that are imported from here on. */
export function installAwslambda(): void {
  const awslambda = {
    streamifyResponse: (handler: StreamingHandler) => handler,
    HttpResponseStream: {
      from(output: Writable, { statusCode = 200, headers = {} }: Prelude): Writable {
        if (!(output instanceof ServerResponse)) throw new TypeError('not an answer of this host');
        output.writeHead(statusCode, headers);
        return output;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}

/** Hosts a streaming function on this machine. */
export async function serveFunctionUrl(handler: StreamingHandler, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    invoke(handler, request, response).catch(() => {
      // As Lambda does it: an answer that has begun breaks off, and is not ended.
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function invoke(
  handler: StreamingHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Lambda's stream is a Writable with a method more, which none of our functions calls.
  const output = Object.assign(response, { setContentType: () => undefined });
  const requestId = randomUUID();
  await handler(toEvent(request, requestId), output, toContext(requestId));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html: payload format 2.0, without a body. */
export function toEvent(request: IncomingMessage, requestId: string): APIGatewayProxyEventV2 {
  const { pathname, search } = new URL(request.url ?? '/', 'http://function.url');
  const headers = Object.entries(request.headersDistinct).map(([name, values]) => [
    name,
    values?.join(', '),
  ]);
  const { method = 'GET' } = request;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: Object.fromEntries(headers),
    isBase64Encoded: false,
    requestContext: {
      accountId: 'anonymous',
      apiId: 'local',
      domainName: request.headers.host ?? 'localhost',
      domainPrefix: 'local',
      http: {
        method,
        path: pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: new Date().toISOString(),
      timeEpoch: Date.now(),
    },
  };
}

export function toContext(awsRequestId: string): Context {
  const endsAt = Date.now() + TIMEOUT_MS;
  return {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'stream',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:stream',
    memoryLimitInMB: '512',
    logGroupName: '/aws/lambda/stream',
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, endsAt - Date.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
