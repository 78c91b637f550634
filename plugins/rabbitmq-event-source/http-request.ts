import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface WaitOptions {
  /** How long the other side may take to answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * By node:http and not by fetch, which gives up after 300 s without an answer where a function may
 * take 900 s. A connection of its own for each call, since one that is kept can be closed by the
 * other side just as it is used again.
 */
export function sendRequest(request: HttpRequest, options: WaitOptions): Promise<HttpAnswer> {
  const { method, url, headers, body } = request;
  const { timeoutMs, signal } = options;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = send(url, {
      method,
      agent: false,
      timeout: timeoutMs,
      signal,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    sent.once('timeout', () => {
      sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`));
    });
    sent.once('response', (response) => {
      const { statusCode = 0, headers: answered } = response;
      text(response).then(
        (answer) => resolve({ status: statusCode, headers: answered, body: answer }),
        reject,
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
