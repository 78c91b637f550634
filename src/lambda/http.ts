import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HttpBindings } from '../http/api.ts';
import { toProblem } from '../http/problem.ts';
import type { LambdaHandler } from './wrap.ts';

/** What a Hono app looks like from here. */
interface FetchApp {
  fetch(request: Request, bindings: HttpBindings): Response | Promise<Response>;
}

/** Anything else is sent base64-encoded, which API Gateway turns back into bytes. */
const TEXT_TYPES =
  /^(text\/|application\/(.+\+)?(json|xml|javascript)|application\/yaml|image\/svg)/;

/**
 * A function that HTTP API events of payload format 2.0 trigger. It never throws: hosts differ in
 * what they make of that, down to a 200.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function createHttpHandler(
  app: FetchApp,
): LambdaHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return async (event, { awsRequestId: requestId }) => {
    try {
      return await toResult(await app.fetch(toRequest(event), { requestId }));
    } catch (error) {
      const problem = toProblem(error, requestId);
      const headers = { 'content-type': 'application/problem+json' };
      return { statusCode: problem.status, headers, body: JSON.stringify(problem) };
    }
  };
}

function toRequest(event: APIGatewayProxyEventV2): Request {
  const { method } = event.requestContext.http;
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers.set(name, value);
  }
  if (event.cookies) headers.set('cookie', event.cookies.join('; '));
  const url = `https://${event.requestContext.domainName}${event.rawPath}${query}`;
  // AWS leaves the body out, serverless-offline has null.
  if (event.body == null || method === 'GET' || method === 'HEAD') {
    return new Request(url, { method, headers });
  }
  const body = Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  headers.set('content-length', String(body.length));
  return new Request(url, { method, headers, body });
}

async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const cookies = response.headers.getSetCookie();
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') headers[name] = value;
  }
  const isText = TEXT_TYPES.test(response.headers.get('content-type') ?? 'text/plain');
  const body = Buffer.from(await response.arrayBuffer());
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length > 0 && { cookies }),
    body: body.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}
