import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import type { LambdaHandler } from '../../src/lambda/wrap.ts';

export type HttpHandler = LambdaHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

const template: APIGatewayProxyEventV2 = JSON.parse(
  readFileSync(new URL('../events/http-api-v2/get-health.json', import.meta.url), 'utf8'),
);

export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'soundlift-test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:soundlift-test',
  memoryLimitInMB: '512',
  awsRequestId: '6f1d2c3b-0000-4000-8000-000000000000',
  logGroupName: '/aws/lambda/soundlift-test',
  logStreamName: 'stream',
  getRemainingTimeInMillis: () => 29_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};

/** Calls a function as API Gateway does: the request as an event of payload format 2.0, and back. */
export async function callByHttp(
  handler: HttpHandler,
  path: string,
  init: RequestInit = {},
  context: Context = lambdaContext,
): Promise<Response> {
  const result = await handler(await toEvent(path, init), context);
  const { statusCode = 200, body = '', isBase64Encoded, headers = {}, cookies = [] } = result;
  const hasNoBody = [204, 304].includes(statusCode) || init.method === 'HEAD';
  return new Response(hasNoBody ? null : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'), {
    status: statusCode,
    headers: [
      ...Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...cookies.map((cookie): [string, string] => ['set-cookie', cookie]),
    ],
  });
}

/** What API Gateway makes of a function's result, and nothing more. */
export function sendResult(
  response: ServerResponse,
  { statusCode, headers, cookies, body, isBase64Encoded }: APIGatewayProxyStructuredResultV2,
): void {
  for (const [name, value] of Object.entries(headers ?? {}))
    response.setHeader(name, String(value));
  if (cookies) response.setHeader('set-cookie', cookies);
  response.writeHead(statusCode ?? 200);
  response.end(Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'));
}

/** The event that API Gateway, or a Function URL, makes of a request. */
export async function toEvent(path: string, init: RequestInit): Promise<APIGatewayProxyEventV2> {
  const request = new Request(`https://soundlift.example${path}`, init);
  const { pathname, search } = new URL(request.url);
  const body = Buffer.from(await request.arrayBuffer());
  const { method } = request;
  // Cookies are apart from the other headers, each by itself.
  const { cookie, ...headers } = Object.fromEntries(request.headers);
  return {
    ...template,
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: { ...template.headers, ...headers },
    ...(cookie && { cookies: cookie.split('; ') }),
    requestContext: {
      ...template.requestContext,
      http: { ...template.requestContext.http, method, path: pathname },
    },
    ...(body.length > 0 && { body: body.toString('base64') }),
    isBase64Encoded: body.length > 0,
  };
}
