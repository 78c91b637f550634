import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Step n brings a file from `user_version` n to n + 1. What is released is never edited. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE messages (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     queue TEXT NOT NULL,
     body BLOB NOT NULL,
     properties TEXT NOT NULL,
     visible_at_ms INTEGER NOT NULL,
     in_flight INTEGER NOT NULL DEFAULT 0,
     deliveries INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX messages_by_queue ON messages (queue, in_flight, visible_at_ms);`,
];

/**
 * Opens the file of the embedded queue and brings it up to date; makes it, and its folder, where
 * there is none. Any number of processes of one machine may have it open.
 *
 * @param timeoutMs how long to wait for the write lock; the process stands still meanwhile
 */
export function openQueueFile(path: string, timeoutMs: number): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const file = new DatabaseSync(path, { timeout: timeoutMs });
  try {
    // With NORMAL a commit in WAL mode may be lost with the power (https://sqlite.org/wal.html#performance),
    // and a publisher that was told "on disk" would not publish again. It costs one fsync a message.
    file.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    migrate(file);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** All of it or nothing. The write lock is taken at once, since one cannot wait for it half-way. */
export function inTransaction<T>(file: DatabaseSync, work: () => T): T {
  file.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    file.exec('COMMIT');
    return result;
  } catch (error) {
    if (file.isTransaction) file.exec('ROLLBACK');
    throw error;
  }
}

function migrate(file: DatabaseSync): void {
  inTransaction(file, () => {
    const version = Number(file.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > MIGRATIONS.length) throw new Error('the file was made by a newer version');
    for (const step of MIGRATIONS.slice(version)) file.exec(step);
    file.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}
