import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type HttpHandler, lambdaContext, sendResult, toEvent } from './http-event.ts';

/** A server on a free port until the test has finished; returns its address. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** A function behind an HTTP API that adds nothing to what the function answers. */
export function serveFunction(handler: HttpHandler): Promise<string> {
  return serve(async ({ url = '/', method = 'GET', headers }, response) => {
    const given = Object.entries(headers).map(([name, value]): [string, string] => [
      name,
      `${value}`,
    ]);
    const event = await toEvent(url, { method, headers: given });
    sendResult(response, await handler(event, lambdaContext));
  });
}

/** A server that answers everything by "here", and what it was sent so far. */
export async function recordingServer() {
  const seen: IncomingHttpHeaders[] = [];
  const url = await serve((request, response) => {
    seen.push(request.headers);
    response.end('here');
  });
  return { url, seen };
}
