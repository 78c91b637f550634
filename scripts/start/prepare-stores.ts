import { mkdirSync } from 'node:fs';
import { openUsersDatabase } from '../../src/adapters/users/database.ts';
import { openQueue } from '../../src/compose.ts';
import { dataDirectory, type Environment } from './environment.ts';

/** Brings the users' tables up to date and declares the queues, if any are named, before anybody comes. */
export async function prepareStores({ USERS_URL, QUEUE_URL }: Environment): Promise<void> {
  if (!USERS_URL) throw new Error('USERS_URL is needed');
  mkdirSync(dataDirectory(), { recursive: true });
  const database = openUsersDatabase({ url: USERS_URL });
  try {
    await database.migrate();
  } finally {
    await database.dispose();
  }
  if (!QUEUE_URL) return;
  const queue = await openQueue(QUEUE_URL);
  try {
    await queue.declare();
  } finally {
    await queue.dispose();
  }
}
