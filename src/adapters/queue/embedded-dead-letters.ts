import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { deadLetterQueueOf, type MessageName } from '../../domain/messages.ts';
import type { DeadLetter } from '../../ports/queue.ts';
import { deathOf, redrivenEnvelope } from './envelope.ts';

const rowSchema = z.object({
  id: z.number(),
  body: z.instanceof(Uint8Array),
  properties: z
    .string()
    .transform((text) => propertiesSchema.parse(JSON.parse(text)))
    .readonly(),
});
const propertiesSchema = z.object({
  messageId: z.string().optional(),
  headers: z.unknown(),
});

interface DeadRow extends z.infer<typeof rowSchema> {
  readonly queue: MessageName;
}

export function readDeadLetters(
  file: DatabaseSync,
  queue: MessageName,
  limit = Number.MAX_SAFE_INTEGER,
): DeadRow[] {
  return file
    .prepare(
      `SELECT id, body, properties FROM messages
       WHERE queue = ? AND in_flight = 0 ORDER BY id LIMIT ?`,
    )
    .all(deadLetterQueueOf(queue), limit)
    .map((row) => ({ queue, ...rowSchema.parse(row) }));
}

export function letterOf({ queue, body, properties }: DeadRow): DeadLetter {
  const { messageId, headers } = properties;
  return { queue, body, ...(messageId !== undefined && { messageId }), ...deathOf(headers) };
}

/** One statement, so that it is never in both. @returns 0 when somebody else has taken it */
export function revive(file: DatabaseSync, row: DeadRow): number {
  const { properties } = redrivenEnvelope(letterOf(row));
  const { changes } = file
    .prepare(
      `UPDATE messages SET queue = ?, properties = ?, visible_at_ms = ?, deliveries = 0
       WHERE id = ? AND queue = ? AND in_flight = 0`,
    )
    .run(row.queue, JSON.stringify(properties), Date.now(), row.id, deadLetterQueueOf(row.queue));
  return Number(changes);
}

/** @returns 0 when somebody else has taken it */
export function discard(file: DatabaseSync, { id, queue }: DeadRow): number {
  const { changes } = file
    .prepare('DELETE FROM messages WHERE id = ? AND queue = ? AND in_flight = 0')
    .run(id, deadLetterQueueOf(queue));
  return Number(changes);
}

const countSchema = z.object({ count: z.number() });

export function countDelayed(file: DatabaseSync): number {
  const row = file
    .prepare('SELECT count(*) AS count FROM messages WHERE in_flight = 0 AND visible_at_ms > ?')
    .get(Date.now());
  return countSchema.parse(row).count;
}
