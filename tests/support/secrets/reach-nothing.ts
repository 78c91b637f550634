/**
 * Calls every function with the settings of its environment, which do not work, and shows what it answers
 * and what it throws, as Lambda does.
 */
import { inspect } from 'node:util';
import { installAwslambda, serveFunctionUrl } from '../../../scripts/start/function-url.ts';
import { freePort } from '../../../scripts/start/ports.ts';
import { callByHttp, type HttpHandler, lambdaContext } from '../http-event.ts';
import { rmqEvent, someMessage } from '../rmq-event.ts';

const ID = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';
const show = (what: unknown) =>
  process.stderr.write(`${inspect(what, { depth: 10, showHidden: true })}\n`);

async function http(handler: HttpHandler, path: string, init: RequestInit = {}): Promise<void> {
  try {
    const answer = await callByHttp(handler, path, init);
    show([path.split('?')[0], answer.status, [...answer.headers], await answer.text()]);
  } catch (error) {
    show(error);
  }
}

async function consume(
  handler: (event: never, context: typeof lambdaContext) => Promise<unknown>,
  event: unknown,
): Promise<void> {
  try {
    show(await Reflect.apply(handler, undefined, [event, lambdaContext]));
  } catch (error) {
    show(error);
  }
}

installAwslambda();
const gateway = await import('../../../functions/gateway/handler.ts');
const stream = await import('../../../functions/gateway/stream.ts');
const users = await import('../../../functions/users/handler.ts');
const converter = await import('../../../functions/converter/handler.ts');
const notifier = await import('../../../functions/notifier/handler.ts');
const janitor = await import('../../../functions/janitor/handler.ts');

const credentials = JSON.stringify({ email: 'ada@example.org', password: 'SeCrEt-password' });
const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
const port = await freePort();
const server = await serveFunctionUrl(stream.handler, port);
await Promise.all([
  http(gateway.handler, '/health'),
  http(gateway.handler, `/api/v1/links/${ID}?key=SeCrEt-link-key`),
  http(gateway.handler, '/api/v1/files', {
    headers: { authorization: 'Bearer SeCrEt.access.token' },
  }),
  http(users.handler, '/api/v1/auth/token', { ...json, body: credentials }),
  http(users.handler, '/api/v1/auth/refresh', {
    ...json,
    body: '{"refresh_token":"SeCrEt-refresh"}',
  }),
  consume(converter.handler, rmqEvent('video.uploaded', someMessage('video.uploaded', ID))),
  consume(notifier.handler, rmqEvent('audio.ready', someMessage('audio.ready', ID))),
  consume(janitor.handler, {}),
  fetch(`http://127.0.0.1:${port}/${ID}?key=SeCrEt-stream-key`).then(
    async (answer) => show([answer.status, await answer.text()]),
    show,
  ),
]);
server.close();
server.closeAllConnections();
process.stdout.write('all functions were called\n');
process.exit(0);
