import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { createEmbeddedSource } from '../../../src/adapters/queue/embedded-source.ts';
import { openQueue } from '../../../src/compose.ts';
import { startMailServer } from './mail-server.ts';
import { digestOf, recordSchema, settingsFor } from './settings.ts';
import type { World } from './world.ts';

const BUCKETS = ['videos', 'mp3s'] as const;
const documentSchema = z.object({ document: z.string() });

/** A folder and SQLite files. */
export async function embeddedWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-crash-'));
  const [filesDirectory, temporary] = [join(directory, 'files'), join(directory, 'tmp')];
  mkdirSync(temporary);
  const mail = await startMailServer();
  const queueUrl = `embedded:${join(directory, 'queue.sqlite')}`;
  const recordsPath = join(directory, 'conversions.sqlite');
  const queue = await openQueue(queueUrl);
  await queue.declare();
  const messages = new DatabaseSync(join(directory, 'queue.sqlite'), { timeout: 5_000 });
  const source = createEmbeddedSource({ path: join(directory, 'queue.sqlite') });

  function records() {
    if (!existsSync(recordsPath)) return [];
    const file = new DatabaseSync(recordsPath, { timeout: 5_000 });
    try {
      return file
        .prepare('SELECT document FROM conversions')
        .all()
        .map((row) => recordSchema.parse(JSON.parse(documentSchema.parse(row).document)));
    } finally {
      file.close();
    }
  }

  function files() {
    return BUCKETS.flatMap((bucket) => {
      const folder = join(filesDirectory, bucket);
      const names = existsSync(folder) ? readdirSync(folder) : [];
      return names.map((name) => ({
        name: `${bucket}/${name}`,
        ...(bucket === 'mp3s' && { digest: digestOf(readFileSync(join(folder, name))) }),
      }));
    });
  }

  return {
    name: 'embedded',
    environment: {
      ...settingsFor({ mailUrl: mail.url, temporary }),
      FILES_URL: `disk:${filesDirectory}`,
      CONVERSIONS_URL: `sqlite:${recordsPath}`,
      QUEUE_URL: queueUrl,
    },
    async take(name) {
      messages.prepare('UPDATE messages SET visible_at_ms = 0 WHERE queue = ?').run(name);
      const batch = await source.receive({
        queue: name,
        virtualHost: '/',
        batchSize: 1,
        windowMs: 0,
        signal: AbortSignal.timeout(1),
      });
      const [message] = batch.messages;
      return message && { message, ack: batch.ack, requeue: batch.requeue };
    },
    async look() {
      const left = messages.prepare('SELECT queue FROM messages').all();
      return {
        records: records(),
        files: files(),
        messages: left.map(({ queue: name }) => String(name)),
        mails: mail.messageIds(),
        temporary: readdirSync(temporary),
      };
    },
    refuseMail: mail.refuse,
    async reset() {
      mail.reset();
      messages.exec('DELETE FROM messages');
      if (existsSync(recordsPath)) {
        const file = new DatabaseSync(recordsPath, { timeout: 5_000 });
        file.exec('DELETE FROM conversions');
        file.close();
      }
      for (const { name } of files()) rmSync(join(filesDirectory, name));
      for (const name of readdirSync(temporary)) rmSync(join(temporary, name), { recursive: true });
    },
    async close() {
      mail.stop();
      await source.close();
      messages.close();
      await queue.dispose();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
