import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { z } from 'zod';
import { startMailPage } from '../../scripts/start/mail-page.ts';
import { freePort } from '../../scripts/start/ports.ts';
import { countEmbeddedMessages } from '../../tests/support/embedded-messages.ts';
import { type RunningService, startService } from '../../tests/support/running-service.ts';

/** The service as its user starts it, and what can be seen behind its back. */
export interface LoadHost extends AsyncDisposable {
  readonly title: string;
  readonly service: RunningService;
  readonly mailUrl: string;
  /** Over all queues: waiting, delayed, in flight and dead. */
  countMessages(): Promise<number>;
  countMp3s(): Promise<number>;
}

/** `npm start`. */
export async function embeddedHost(dataDirectory: string): Promise<LoadHost> {
  const service = await startService({ dataDirectory });
  return {
    title: 'embedded stores',
    service,
    mailUrl: service.mailUrl,
    countMessages: async () => countEmbeddedMessages(dataDirectory),
    countMp3s: async () => {
      const entries = await readdir(join(dataDirectory, 'files'), {
        recursive: true,
        withFileTypes: true,
      });
      return entries.filter((entry) => entry.isFile() && /(^|\/)mp3s(\/|$)/.test(entry.parentPath))
        .length;
    },
    async [Symbol.asyncDispose]() {
      await service.stop();
    },
  };
}

interface Urls {
  readonly mysql: string;
  readonly rabbitmq: string;
  readonly rabbitmqApi: string;
  readonly mongodb: string;
}

/** Where `node scripts/services.ts run` has them; `undefined` without it. */
export function servicesOfEnvironment(): Urls | undefined {
  const [mysql, rabbitmq, rabbitmqApi, mongodb] = [
    process.env['TEST_MYSQL_URL'],
    process.env['TEST_RABBITMQ_URL'],
    process.env['TEST_RABBITMQ_API_URL'],
    process.env['TEST_MONGODB_URL'],
  ];
  return mysql && rabbitmq && rabbitmqApi && mongodb
    ? { mysql, rabbitmq, rabbitmqApi, mongodb }
    : undefined;
}

const queuesSchema = z.array(z.looseObject({ messages: z.number().default(0) }));

/** `npm run start:services`, on a database and a virtual host of its own. */
export async function servicesHost(urls: Urls, dataDirectory: string): Promise<LoadHost> {
  await using stack = new AsyncDisposableStack();
  const name = `soundlift_load_${process.pid}`;
  const mysql = await createConnection(urls.mysql);
  stack.defer(() => mysql.end());
  await mysql.query(`CREATE DATABASE ${name}`);
  stack.defer(async () => void (await mysql.query(`DROP DATABASE ${name}`)));
  const api = new URL(urls.rabbitmqApi);
  const authorization = `Basic ${btoa(`${api.username}:${api.password}`)}`;
  const rabbitmq = (method: string, path: string) =>
    fetch(`${api.origin}/api${path}`, { method, headers: { authorization } });
  await rabbitmq('PUT', `/vhosts/${name}`);
  stack.defer(async () => void (await rabbitmq('DELETE', `/vhosts/${name}`)));
  const mongo = new MongoClient(urls.mongodb);
  stack.defer(() => mongo.close());
  stack.defer(async () => void (await mongo.db(name).dropDatabase()));
  const [smtpPort, pagePort] = [await freePort(), await freePort()];
  const mail = await startMailPage({ smtpPort, pagePort, directory: join(dataDirectory, 'mail') });
  stack.defer(() => mail.stop());
  const at = (url: string) => `${url.replace(/\/$/, '')}/${name}`;
  const services = {
    USERS_URL: at(urls.mysql),
    FILES_URL: at(urls.mongodb),
    CONVERSIONS_URL: at(urls.mongodb),
    QUEUE_URL: at(urls.rabbitmq),
    MAIL_URL: `smtp://127.0.0.1:${smtpPort}`,
  };
  const service = await startService({ dataDirectory, services });
  stack.defer(async () => void (await service.stop()));
  const running = stack.move();
  return {
    title: 'RabbitMQ, MongoDB’s protocol, MariaDB, SMTP',
    service,
    mailUrl: `http://localhost:${pagePort}`,
    async countMessages() {
      const answer = await rabbitmq('GET', `/queues/${name}`);
      const queues = queuesSchema.parse(await answer.json());
      return queues.reduce((sum, { messages }) => sum + messages, 0);
    },
    countMp3s: () => mongo.db(name).collection('mp3s.files').countDocuments(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
