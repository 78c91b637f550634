import { afterAll, beforeAll } from 'vitest';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { createHandler as createGateway } from '../../functions/gateway/handler.ts';
import { createHandler as createJanitor } from '../../functions/janitor/handler.ts';
import { createHandler as createUsers } from '../../functions/users/handler.ts';
import { createJoseTokenSigner, generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { openUsersDatabase } from '../../src/adapters/users/database.ts';
import {
  composeConverter,
  composeGateway,
  composeJanitor,
  composeUsers,
  openQueue,
  TOKEN_PARTIES,
} from '../../src/compose.ts';
import { FUNCTION_CONFIGS } from '../../src/config.ts';
import { createLogger } from '../../src/logger.ts';
import { readConfig } from '../../src/read-config.ts';
import { type FaultyLine, faultyLine } from './faulty-line.ts';
import { ADA } from './gateway.ts';
import { callByHttp, lambdaContext } from './http-event.ts';
import { realStores } from './real-stores.ts';
import { rmqEvent, someMessage } from './rmq-event.ts';

interface Urls {
  readonly mysql: string;
  readonly rabbitmq: string;
  readonly rabbitmqApi: string;
  readonly mongodb: string;
}

/**
 * Functions as Lambda composes them from their settings, timeouts and all, on stores of the
 * calling suite's own; each real service is at the other end of a line that can fail.
 */
export function serviceOnLines(urls: Urls, suite: string) {
  const lines = {
    mongodb: faultyLine(urls.mongodb),
    rabbitmq: faultyLine(urls.rabbitmq),
    mysql: faultyLine(urls.mysql),
  };
  const stores = realStores(urls, suite);
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    opened = await open(stores.settings(), lines);
  });
  afterAll(() => opened?.dispose());

  return {
    lines,
    /** Where the queue is, by no line. */
    queueUrl: () => stores.settings().QUEUE_URL,
    /** How many files, whole or begun, and how many of their chunks the store has. */
    async countStored(): Promise<number> {
      const names = ['files', 'chunks', 'unfinished'].map((kind) => `videos.${kind}`);
      const counts = names.map((name) => stores.mongo.collection(name).countDocuments());
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    /** As Ada, who is signed in; the function's time is what API Gateway waits for unless given. */
    async gateway(path: string, init: RequestInit = {}, timeMs = 29_000): Promise<Response> {
      const headers = new Headers(init.headers);
      headers.set('authorization', await opened.bearer());
      const context = { ...lambdaContext, getRemainingTimeInMillis: () => timeMs };
      return await callByHttp(opened.gateway, path, { ...init, headers }, context);
    },
    users: (path: string, init?: RequestInit) => callByHttp(opened.users, path, init),
    /** The converter's run, by a message that has failed before so many times. */
    convert: (id: string, failedAttempts = 0) => opened.convert(id, failedAttempts),
    /** What is stored, seen as the gateway sees it. */
    stores: () => opened.stores,
    /** The janitor's run, as if so much time had passed. */
    tidyUpIn: (ms: number) => opened.tidyUpIn(ms),
  };
}

export type ServiceOnLines = ReturnType<typeof serviceOnLines>;

async function open(
  settings: ReturnType<ReturnType<typeof realStores>['settings']>,
  lines: Readonly<Record<'mongodb' | 'rabbitmq' | 'mysql', FaultyLine>>,
) {
  await prepare(settings);
  const { privateJwk, publicJwk } = await generateSigningKey();
  const environment = {
    USERS_URL: lines.mysql.urlOf(settings.USERS_URL),
    FILES_URL: lines.mongodb.urlOf(settings.FILES_URL),
    CONVERSIONS_URL: lines.mongodb.urlOf(settings.CONVERSIONS_URL),
    QUEUE_URL: lines.rabbitmq.urlOf(settings.QUEUE_URL),
    TOKEN_PRIVATE_KEY: JSON.stringify(privateJwk),
    TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
    LINK_SECRET: 'a secret of a test, 32 characters',
    PUBLIC_URL: 'https://soundlift.example',
  };
  const gateway = await composeGateway(readConfig(FUNCTION_CONFIGS.gateway, environment));
  const users = await composeUsers(readConfig(FUNCTION_CONFIGS.users, environment));
  const janitor = await composeJanitor(readConfig(FUNCTION_CONFIGS.janitor, environment));
  const host = { ...environment, PATH: process.env['PATH'] };
  const converter = await composeConverter(readConfig(FUNCTION_CONFIGS.converter, host));
  const logger = createLogger({ name: 'service-on-lines', level: 'silent' });
  // *users* is not reached by HTTP here.
  const probes = gateway.probes.filter(({ part }) => part !== 'users');
  const signer = createJoseTokenSigner({ privateJwk, ...TOKEN_PARTIES });
  return {
    gateway: createGateway({ ...gateway, probes, logger }),
    users: createUsers({ ...users, logger }),
    bearer: async () => `Bearer ${await signer.sign(ADA, new Date(), 900)}`,
    async convert(id: string, failedAttempts: number) {
      const event = rmqEvent('video.uploaded', someMessage('video.uploaded', id), {
        failedAttempts,
      });
      const context = { ...lambdaContext, getRemainingTimeInMillis: () => 900_000 };
      await createConverter({ ...converter, logger })(event, context);
    },
    stores: gateway,
    async tidyUpIn(ms: number) {
      const clock = { now: () => new Date(Date.now() + ms) };
      await createJanitor({ ...janitor, clock, logger })({}, lambdaContext);
    },
    async dispose() {
      const parts = [gateway, janitor, converter].flatMap(({ files, conversions, queue }) => [
        files,
        conversions,
        queue,
      ]);
      await Promise.all([...parts, users.users].map((part) => part.dispose()));
    },
  };
}

/** Nothing of this is what is tested: it goes by no line. */
async function prepare({
  USERS_URL,
  QUEUE_URL,
}: Readonly<Record<'USERS_URL' | 'QUEUE_URL', string>>) {
  const database = openUsersDatabase({ url: USERS_URL });
  await database.migrate();
  await database.dispose();
  const queue = await openQueue(QUEUE_URL);
  await queue.declare();
  await queue.dispose();
}
