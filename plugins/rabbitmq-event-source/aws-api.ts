import { type HttpRequest, sendRequest } from './http-request.ts';
import type { SignRequest } from './sign-request.ts';

/** Calls an AWS API and returns the body of its answer. Rejects unless it is a success. */
export type CallAws = (
  service: string,
  request: Pick<HttpRequest, 'method' | 'headers' | 'body'> & { readonly path: string },
) => Promise<string>;

/** An AWS API has refused a call. */
export class AwsApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const ANSWER_TIMEOUT_MS = 30_000;

export function createAwsApi({
  endpoint,
  sign,
  signal,
}: {
  readonly endpoint: string;
  readonly sign: SignRequest;
  readonly signal: AbortSignal;
}): CallAws {
  return async (service, { method, path, headers, body }) => {
    const url = new URL(path, endpoint);
    const request = await sign(service, { method, url, headers, body });
    const answer = await sendRequest(request, { timeoutMs: ANSWER_TIMEOUT_MS, signal }).catch(
      (cause: Error) => {
        throw new Error(
          `${endpoint} does not answer (${cause.message}): start what listens there, or give its address by --endpoint`,
          { cause },
        );
      },
    );
    if (answer.status >= 200 && answer.status < 300) return answer.body;
    const what = `${service} answered ${answer.status} to ${method} ${url.pathname}`;
    throw new AwsApiError(`${what}: ${answer.body.slice(0, 300)}`, answer.status);
  };
}
