import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Unavailable } from '../domain/errors.ts';
import type { HttpBindings } from '../http/api.ts';
import { type Problem, RETRY_AFTER_SECONDS, toProblem } from '../http/problem.ts';
import { SECURITY_HEADERS } from '../http/security-headers.ts';
import type { Logger } from '../logger.ts';
import type { LambdaHandler } from './wrap.ts';

/** What a Hono app looks like from here. */
export interface FetchApp {
  fetch(request: Request, bindings: HttpBindings): Response | Promise<Response>;
}

/** Anything else is sent base64-encoded, which API Gateway turns back into bytes. */
const TEXT_TYPES =
  /^(text\/|application\/(.+\+)?(json|xml|javascript)|application\/yaml|image\/svg)/;

/** What is left of the function's time when the caller is told that it does not suffice. */
const MARGIN_MS = 500;

/**
 * A function that HTTP API events of payload format 2.0 trigger. It never throws, and answers before
 * its time is over: hosts differ in what they make of that, down to a 200.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function createHttpHandler(
  app: FetchApp,
  logger: Logger,
): LambdaHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> {
  return async (event, context) => {
    const { awsRequestId: requestId } = context;
    const bindings = { requestId, sourceIp: event.requestContext.http.sourceIp };
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new Unavailable('time')),
      Math.max(0, context.getRemainingTimeInMillis() - MARGIN_MS),
    );
    try {
      const answer = async () => await toResult(await app.fetch(toRequest(event), bindings));
      return await Promise.race([answer(), late.promise]);
    } catch (error) {
      logger.error({ requestId, err: error }, 'no answer could be made');
      return toProblemResult(toProblem(error, requestId));
    } finally {
      clearTimeout(timer);
    }
  };
}

function toProblemResult(problem: Problem): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: problem.status,
    headers: problemHeaders(problem),
    body: JSON.stringify(problem),
  };
}

export function problemHeaders(problem: Problem): Record<string, string> {
  return {
    ...SECURITY_HEADERS,
    'content-type': 'application/problem+json',
    'x-request-id': problem.request_id,
    ...(problem.status === 503 && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
  };
}

/**
 * `Request` takes none of these (https://fetch.spec.whatwg.org/#forbidden-method), and no route answers
 * them: under another name they get what every method gets that a path does not answer.
 */
const FORBIDDEN_METHODS = /^(connect|trace|track)$/i;

/** The request that an event of payload format 2.0 stands for. */
export function toRequest(event: APIGatewayProxyEventV2): Request {
  const asked = event.requestContext.http.method;
  const method = FORBIDDEN_METHODS.test(asked) ? `X-${asked}` : asked;
  const query = event.rawQueryString ? `?${event.rawQueryString}` : '';
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    // What is outside of Latin-1 cannot have been sent as HTTP, and no route reads it.
    if (value !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers.set(name, value);
  }
  if (event.cookies) headers.set('cookie', event.cookies.join('; '));
  const url = `https://${event.requestContext.domainName}${event.rawPath}${query}`;
  // AWS leaves the body out, serverless-offline has null.
  if (event.body == null || method === 'GET' || method === 'HEAD') {
    return new Request(url, { method, headers });
  }
  const text = toText(event.body);
  const body = Buffer.from(text, event.isBase64Encoded ? 'base64' : 'utf8');
  headers.set('content-length', String(body.length));
  // Of bytes that it is given whole, `Request` makes a copy.
  return new Request(url, { method, headers, body: ReadableStream.from([body]), duplex: 'half' });
}

/** serverless-offline hands a body over as it has parsed it when that is `false` or `0`. */
function toText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const cookies = response.headers.getSetCookie();
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') headers[name] = value;
  }
  // What is compressed is no text, whatever it was before.
  const isText =
    !response.headers.has('content-encoding') &&
    TEXT_TYPES.test(response.headers.get('content-type') ?? 'text/plain');
  const body = await bytesOf(response);
  return {
    statusCode: response.status,
    headers,
    ...(cookies.length > 0 && { cookies }),
    body: body.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
}

/** As `arrayBuffer()` has them, without the copies that it makes on its way. */
async function bytesOf({ body }: Response): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body ?? []) {
    pieces.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  }
  const [only = Buffer.alloc(0), ...others] = pieces;
  return others.length === 0 ? only : Buffer.concat(pieces);
}
