import { createServer, type RequestListener, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { toContext, toEvent } from '../../scripts/start/function-url.ts';
import { type HttpHandler, sendResult } from '../../tests/support/http-event.ts';

export async function listen(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Hosts a handler as API Gateway does: every body is whole in memory, and in Base64 on its way. */
export function listenByEvents(handler: HttpHandler): Promise<Server> {
  return listen(async (request, response) => {
    const id = crypto.randomUUID();
    const body = await buffer(request);
    const carried = { body: body.toString('base64'), isBase64Encoded: true };
    const event = { ...toEvent(request, id), ...(body.length > 0 && carried) };
    sendResult(response, await handler(event, toContext(id)));
  });
}

export function setting(name: string): string {
  return z.string().min(1).parse(process.env[name]);
}
