import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parse } from 'yaml';
import { z } from 'zod';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { createHandler as createGateway } from '../../functions/gateway/handler.ts';
import { createHandler as createNotifier } from '../../functions/notifier/handler.ts';
import { createHandler as createUsers } from '../../functions/users/handler.ts';
import { startPoller } from '../../plugins/rabbitmq-event-source/poller.ts';
import { type Environment, embeddedEnvironment } from '../../scripts/start/environment.ts';
import { startMailPage } from '../../scripts/start/mail-page.ts';
import { freePort } from '../../scripts/start/ports.ts';
import { prepareStores } from '../../scripts/start/prepare-stores.ts';
import { createEmbeddedSource } from '../../src/adapters/queue/embedded-source.ts';
import {
  composeConverter,
  composeGateway,
  composeNotifier,
  composeUsers,
} from '../../src/compose.ts';
import { FUNCTION_CONFIGS } from '../../src/config.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import type { LambdaHandler } from '../../src/lambda/wrap.ts';
import { readConfig } from '../../src/read-config.ts';
import { countEmbeddedMessages } from './embedded-messages.ts';
import { lambdaContext, sendResult, toEvent } from './http-event.ts';

export interface InProcessService {
  readonly url: string;
  readonly mailUrl: string;
  countMessages(): Promise<number>;
  stop(): Promise<void>;
}

/** What serverless.yml says of *users*; everything else is *gateway*'s. */
const mapSchema = z.object({
  functions: z.object({
    users: z.object({ events: z.array(z.object({ httpApi: z.string() })) }),
  }),
});

/** The queues that a function listens to. */
const QUEUES: Readonly<Record<string, readonly MessageName[]>> = {
  converter: ['video.uploaded'],
  notifier: ['audio.ready', 'conversion.failed'],
};

/**
 * The functions' handlers in this process, called with the events that Lambda would call them with, and
 * nothing else: no serverless-offline, no bundle. Stores and mails are those of `npm start`.
 */
export async function startInProcess(dataDirectory: string): Promise<InProcessService> {
  process.env['DATA_DIR'] = dataDirectory;
  await using started = new AsyncDisposableStack();
  const [port, smtpPort, pagePort] = [await freePort(), await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const { STREAM_URL: _none, ...environment } = await embeddedEnvironment(url, smtpPort, '');
  await prepareStores(environment);
  const mail = await startMailPage({ smtpPort, pagePort, directory: join(dataDirectory, 'mail') });
  started.defer(() => mail.stop());
  const functions = await composeFunctions(environment, started);
  const stopListening = await listen(port, functions.http);
  started.defer(stopListening);
  started.defer(feed(join(dataDirectory, 'queue.sqlite'), functions.consumers));
  const running = started.move();
  return {
    url,
    mailUrl: `http://localhost:${pagePort}`,
    countMessages: async () => countEmbeddedMessages(dataDirectory),
    stop: () => running.disposeAsync(),
  };
}

/** Each from its own settings alone; the stack closes what they have opened. */
async function composeFunctions(environment: Environment, stack: AsyncDisposableStack) {
  const config = FUNCTION_CONFIGS;
  const host = { ...environment, PATH: process.env['PATH'] };
  const gateway = await composeGateway(readConfig(config.gateway, environment));
  const users = await composeUsers(readConfig(config.users, environment));
  const converter = await composeConverter(readConfig(config.converter, host));
  const notifier = await composeNotifier(readConfig(config.notifier, environment));
  for (const { dispose } of [gateway, users, converter, notifier].flatMap(disposables)) {
    stack.defer(dispose);
  }
  const consumers: Readonly<Record<string, LambdaHandler<unknown, unknown>>> = {
    converter: createConverter(converter),
    notifier: createNotifier(notifier),
  };
  return { http: { gateway: createGateway(gateway), users: createUsers(users) }, consumers };
}

function disposables(deps: Readonly<Record<string, unknown>>): { dispose: () => Promise<void> }[] {
  return Object.values(deps).flatMap((dep) => {
    const { dispose } = Object(dep);
    return typeof dispose === 'function' ? [{ dispose: () => dispose.call(dep) }] : [];
  });
}

type HttpFunctions = Awaited<ReturnType<typeof composeFunctions>>['http'];

/** An HTTP API: every request becomes an event of the function whose route fits. */
async function listen(port: number, { gateway, users }: HttpFunctions) {
  const map = mapSchema.parse(parse(readFileSync('serverless.yml', 'utf8')));
  const routes = map.functions.users.events.map(({ httpApi }) => toPattern(httpApi));
  const server = createServer(async (request, response) => {
    const { url = '/', method = 'GET' } = request;
    const [path = '/'] = url.split('?');
    const handler = routes.some((route) => route.test(path)) ? users : gateway;
    const body = await buffer(request);
    const headers = Object.entries(request.headersDistinct).map(
      ([name, values = []]): [string, string] => [name, values.join(', ')],
    );
    const event = await toEvent(url, {
      method,
      headers,
      ...(body.length > 0 && { body: Uint8Array.from(body) }),
    });
    sendResult(response, await handler(event, lambdaContext));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return async () => {
    server.close();
    server.closeAllConnections();
  };
}

/** `ANY /api/v1/users/{path+}` → what it fits. */
function toPattern(route: string): RegExp {
  const path = route.replace(/^ANY /, '').replace('{path+}', '.+');
  return new RegExp(`^${path}$`);
}

/** An event source for every queue that a function listens to. @returns what stops it */
function feed(path: string, consumers: Readonly<Record<string, LambdaHandler<unknown, unknown>>>) {
  const source = createEmbeddedSource({ path });
  const mappings = Object.entries(QUEUES).flatMap(([functionName, queues]) =>
    queues.map((queue) => ({ queue, functionName, ...MAPPING })),
  );
  const context = { ...lambdaContext, getRemainingTimeInMillis: () => 900_000 };
  const poller = startPoller({
    source,
    mappings,
    concurrency: 1,
    log: { notice: () => undefined, warning: (line) => void process.stderr.write(`${line}\n`) },
    invoke: async (functionName, event) => {
      await consumers[functionName]?.(event, context);
    },
  });
  return async () => {
    await poller.stop(10_000);
    await source.close();
  };
}

const MAPPING = {
  arn: 'arn:aws:mq:eu-central-1:000000000000:broker:in-process',
  virtualHost: '/',
  batchSize: 1,
  windowMs: 0,
  filterPatterns: [],
  timeoutMs: 900_000,
};
