import { type HttpAnswer, type HttpRequest, sendRequest } from './http-request.ts';
import type { SignRequest } from './sign-request.ts';

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
 * Invokes functions over the Lambda Invoke API, as serverless-offline offers it on port 3002 and
 * emulators of AWS among everything else.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 *
 * @param sign for an endpoint that wants to know the account and the region
 */
export function createLambdaInvoker({
  endpoint,
  sign = async (_service, request) => request,
}: {
  readonly endpoint: string;
  readonly sign?: SignRequest;
}): Invoke {
  return async (functionName, event, options) => {
    const path = `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
    const request = await sign('lambda', {
      method: 'POST',
      url: new URL(path, endpoint),
      headers: { 'content-type': 'application/json', 'x-amz-invocation-type': 'RequestResponse' },
      body: JSON.stringify(event),
    });
    const { status, headers, body } = await send(request, options);
    const functionError = headers['x-amz-function-error'];
    if (functionError !== undefined) throw new Error(`the function failed: ${summary(body)}`);
    if (status !== 200) throw new Error(`the invocation got ${status}: ${summary(body)}`);
  };
}

async function send(request: HttpRequest, options: InvokeOptions): Promise<HttpAnswer> {
  try {
    return await sendRequest(request, options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`the invocation failed: ${reason}`, { cause });
  }
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
