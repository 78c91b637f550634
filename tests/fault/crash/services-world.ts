import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { MongoClient } from 'mongodb';
import { openQueue } from '../../../src/compose.ts';
import {
  deadLetterQueueOf,
  type MessageName,
  QUEUES,
  RETRY_DELAYS_MS,
} from '../../../src/domain/messages.ts';
import { gridfsFiles } from './gridfs-files.ts';
import { startMailServer } from './mail-server.ts';
import { recordSchema, settingsFor } from './settings.ts';
import type { World } from './world.ts';

const DELAYS = RETRY_DELAYS_MS.map((delayMs) => `soundlift.delay.${delayMs}`);
const ALL_QUEUES = [...QUEUES, ...QUEUES.map(deadLetterQueueOf), ...DELAYS];

/** RabbitMQ and MongoDB, each in a part of its own. */
export async function servicesWorld(
  mongodbUrl: string,
  vhost: { readonly url: string },
): Promise<World> {
  const temporary = mkdtempSync(join(tmpdir(), 'soundlift-crash-'));
  const url = new URL(mongodbUrl);
  url.pathname = `/soundlift-test-crash-${randomBytes(4).toString('hex')}`;
  const mongo = await MongoClient.connect(url.href);
  const db = mongo.db();
  const queue = await openQueue(vhost.url);
  await queue.declare();
  const broker = await connect(vhost.url, { noDelay: true });
  const channel = await broker.createChannel();
  const mail = await startMailServer();
  let awaited: MessageName | undefined;

  /** What was put back is there again in a moment. */
  async function get(name: MessageName) {
    const untilMs = Date.now() + 5_000;
    do {
      for (const place of [name, ...DELAYS]) {
        const found = await channel.get(place);
        if (found === false) continue;
        if (place === name || found.properties.type === name) return found;
        channel.nack(found, false, true);
      }
    } while (awaited === name && Date.now() < untilMs);
    return undefined;
  }

  return {
    name: 'services',
    environment: {
      ...settingsFor({ mailUrl: mail.url, temporary }),
      FILES_URL: url.href,
      CONVERSIONS_URL: url.href,
      QUEUE_URL: vhost.url,
    },
    async take(name) {
      const found = await get(name);
      if (awaited === name) awaited = undefined;
      return (
        found && {
          message: {
            properties: {
              messageId: found.properties.messageId,
              headers: found.properties.headers,
            },
            body: found.content,
            redelivered: found.fields.redelivered,
          },
          ack: async () => channel.ack(found),
          async requeue() {
            awaited = name;
            channel.nack(found, false, true);
          },
        }
      );
    },
    async look() {
      const messages: string[] = [];
      for (const name of ALL_QUEUES) {
        const { messageCount } = await channel.checkQueue(name);
        if (messageCount > 0) messages.push(name);
      }
      const documents = await db.collection('conversions').find().toArray();
      return {
        records: documents.map(({ _id, ...rest }) =>
          recordSchema.parse({ id: String(_id), ...rest }),
        ),
        files: await gridfsFiles(db),
        messages,
        mails: mail.messageIds(),
        temporary: readdirSync(temporary),
      };
    },
    refuseMail: mail.refuse,
    async reset() {
      mail.reset();
      for (const name of ALL_QUEUES) await channel.purgeQueue(name);
      for (const { collectionName } of await db.collections()) {
        await db.collection(collectionName).deleteMany({});
      }
      for (const name of readdirSync(temporary)) rmSync(join(temporary, name), { recursive: true });
    },
    async close() {
      mail.stop();
      await broker.close();
      await queue.dispose();
      await db.dropDatabase();
      await mongo.close();
      rmSync(temporary, { recursive: true });
    },
  };
}
