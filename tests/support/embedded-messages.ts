import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How many messages the embedded queue of a service holds: waiting, delayed, in flight or dead. */
export function countEmbeddedMessages(dataDirectory: string): number {
  const file = new DatabaseSync(join(dataDirectory, 'queue.sqlite'), { readOnly: true });
  try {
    return Number(file.prepare('SELECT count(*) AS messages FROM messages').get()?.['messages']);
  } finally {
    file.close();
  }
}
