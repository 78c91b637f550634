import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

interface InvokeOptions {
  /** How long the function may take to answer. */
  readonly timeoutMs: number;
  /** Gives up waiting; the function may still run to its end. */
  readonly signal: AbortSignal;
}

/** Runs a function with an event and waits for its end. Rejects unless the function succeeded. */
export type Invoke = (
  functionName: string,
  event: unknown,
  options: InvokeOptions,
) => Promise<void>;

/**
 * Invokes functions over the Lambda Invoke API, as serverless-offline offers it on port 3002.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function createLambdaInvoker({ endpoint }: { readonly endpoint: string }): Invoke {
  return async (functionName, event, options) => {
    const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
    const response = await post(new URL(path, endpoint), JSON.stringify(event), options);
    const answer = await text(response);
    const { statusCode, headers } = response;
    const functionError = headers['x-amz-function-error'];
    if (functionError !== undefined) throw new Error(`the function failed: ${summary(answer)}`);
    if (statusCode !== 200) throw new Error(`the invocation got ${statusCode}: ${summary(answer)}`);
  };
}

/**
 * By node:http and not by fetch, which gives up after 300 s without an answer where a function may
 * take 900 s. A connection of its own for each call, since one that is kept can be closed by the
 * other side just as it is used again.
 */
function post(url: URL, body: string, options: InvokeOptions): Promise<IncomingMessage> {
  const { timeoutMs, signal } = options;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'POST',
      agent: false,
      timeout: timeoutMs,
      signal,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-amz-invocation-type': 'RequestResponse',
      },
    });
    request.once('timeout', () => {
      request.destroy(new Error(`the function has not answered within ${timeoutMs / 1000} s`));
    });
    request.once('response', resolve);
    request.once('error', reject);
    request.end(body);
  });
}

/** The sentence within an error's JSON, or the start of whatever came instead. */
function summary(answer: string): string {
  try {
    const { errorMessage, Message } = JSON.parse(answer) as Record<string, unknown>;
    return String(errorMessage ?? Message ?? answer);
  } catch {
    return answer.slice(0, 200);
  }
}
