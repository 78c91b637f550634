import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { startMailPage } from '../../scripts/start/mail-page.ts';
import { freePort } from '../../scripts/start/ports.ts';
import { mongoDatabase } from './mongo-database.ts';
import { rabbitmqVhost } from './rabbitmq-vhost.ts';
import { tempDir } from './temp-dir.ts';

export const REAL_SERVICES = ['mysql', 'rabbitmq', 'rabbitmqApi', 'mongodb'] as const;

type Urls = Readonly<Record<(typeof REAL_SERVICES)[number], string>>;

export interface RealStores {
  /** What `npm run start:services` is set by. */
  settings(): Record<
    'USERS_URL' | 'FILES_URL' | 'CONVERSIONS_URL' | 'QUEUE_URL' | 'MAIL_URL',
    string
  >;
  /** For what a test has to see behind the service's back. */
  readonly mongo: Db;
  /** Over all queues: waiting, delayed, in flight and dead. */
  countMessages(): Promise<number>;
  mailUrl(): string;
}

const queuesSchema = z.array(z.looseObject({ messages: z.number().default(0) }));

/** A database, a virtual host and a mail server of the calling suite's own, gone after it. */
export function realStores(urls: Urls, suite: string): RealStores {
  const mysqlUrl = mysqlDatabase(urls.mysql, suite);
  const vhost = rabbitmqVhost(urls, suite);
  const mongo = mongoDatabase(urls.mongodb, suite);
  const mail = mailServer();
  return {
    settings: () => ({
      USERS_URL: mysqlUrl,
      FILES_URL: mongo.url,
      CONVERSIONS_URL: mongo.url,
      QUEUE_URL: vhost.url,
      MAIL_URL: mail.smtpUrl(),
    }),
    mongo: mongo.db,
    async countMessages() {
      const queues = queuesSchema.parse(await vhost.api('GET', `/queues/${vhost.name}`));
      return queues.reduce((sum, { messages }) => sum + messages, 0);
    },
    mailUrl: () => mail.pageUrl(),
  };
}

function mysqlDatabase(serverUrl: string, suite: string): string {
  const name = `soundlift_test_${suite}_${randomBytes(4).toString('hex')}`;
  const execute = async (sql: string) => {
    const connection = await createConnection(serverUrl);
    await connection.query(sql);
    await connection.end();
  };
  beforeAll(() => execute(`CREATE DATABASE ${name}`));
  afterAll(() => execute(`DROP DATABASE ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function mailServer() {
  let smtpPort = 0;
  let pagePort = 0;
  let page: Awaited<ReturnType<typeof startMailPage>> | undefined;
  beforeAll(async () => {
    smtpPort = await freePort();
    pagePort = await freePort();
    page = await startMailPage({ smtpPort, pagePort, directory: await tempDir('mail') });
  });
  afterAll(() => page?.stop());
  return {
    smtpUrl: () => `smtp://127.0.0.1:${smtpPort}`,
    pageUrl: () => `http://localhost:${pagePort}`,
  };
}
