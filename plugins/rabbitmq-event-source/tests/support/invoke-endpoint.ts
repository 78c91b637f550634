import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { RabbitmqEvent } from '../../event.ts';

export interface Invocation {
  readonly path: string | undefined;
  readonly event: RabbitmqEvent;
}

export interface InvokeEndpoint {
  readonly url: string;
  /** Every invocation that has arrived, oldest first. */
  readonly invocations: readonly Invocation[];
  /** The most invocations that were open at the same time. */
  readonly mostAtOnce: number;
}

/** A Lambda Invoke API whose function is `answer`; it ends with the calling test. */
export async function startInvokeEndpoint(
  answer: (response: ServerResponse, invocation: Invocation) => void,
): Promise<InvokeEndpoint> {
  const invocations: Invocation[] = [];
  let open = 0;
  let mostAtOnce = 0;
  const server = createServer(async (request, response) => {
    open += 1;
    mostAtOnce = Math.max(mostAtOnce, open);
    response.once('close', () => {
      open -= 1;
    });
    const invocation = { path: request.url, event: (await json(request)) as RabbitmqEvent };
    invocations.push(invocation);
    answer(response, invocation);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invocations,
    get mostAtOnce() {
      return mostAtOnce;
    },
  };
}

export function succeed(response: ServerResponse): void {
  response.end('null');
}

/** What Lambda answers when a handler throws. */
export function throwInHandler(response: ServerResponse): void {
  response.setHeader('x-amz-function-error', 'Unhandled');
  response.end('{"errorType":"Error","errorMessage":"no such video"}');
}

/** The bodies and redelivered flags of an invocation's messages. */
export function messagesOf({ event }: Invocation): { body: string; redelivered: boolean }[] {
  return Object.values(event.rmqMessagesByQueue)
    .flat()
    .map(({ data, redelivered }) => ({
      body: Buffer.from(data, 'base64').toString('utf8'),
      redelivered,
    }));
}
