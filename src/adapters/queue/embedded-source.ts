import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { deadLetterQueueOf, QUEUES } from '../../domain/messages.ts';
import { inTransaction, openQueueFile } from './embedded-file.ts';
import { DELIVERY_LIMIT } from './topology.ts';

// The shapes of plugins/rabbitmq-event-source/source.ts, which is a package of its own.

interface SourceMessage {
  readonly properties: SourceProperties;
  readonly body: Uint8Array;
  /** True when the message has been received before and was not acknowledged. */
  readonly redelivered: boolean;
}

interface SourceBatch {
  readonly messages: readonly SourceMessage[];
  ack(): Promise<void>;
  requeue(): Promise<void>;
}

interface ReceiveOptions {
  readonly queue: string;
  /** Means nothing here: a file is one virtual host. */
  readonly virtualHost: string;
  readonly batchSize: number;
  /** How long to wait for the batch to fill, from its first message on. */
  readonly windowMs: number;
  readonly signal: AbortSignal;
}

interface EmbeddedSource {
  /** Waits for a message; the batch is empty when the signal came first. */
  receive(options: ReceiveOptions): Promise<SourceBatch>;
  /** Puts back what is in flight, as RabbitMQ does when a connection closes. */
  close(): Promise<void>;
}

const propertiesSchema = z.object({
  contentType: z.string().optional(),
  deliveryMode: z.number().optional(),
  appId: z.string().optional(),
  type: z.string().optional(),
  messageId: z.string().optional(),
  timestamp: z.number().optional(),
  headers: z.record(z.string(), z.unknown()).optional(),
});
type SourceProperties = z.infer<typeof propertiesSchema>;

const takenSchema = z.object({ id: z.number(), queue: z.string(), deliveries: z.number() });
type Taken = z.infer<typeof takenSchema>;
const receivedSchema = takenSchema.extend({
  body: z.instanceof(Uint8Array),
  properties: z.string().transform((text) => propertiesSchema.parse(JSON.parse(text))),
});

const POLL_INTERVAL_MS = 50;
const BUSY_TIMEOUT_MS = 5_000;
const EMPTY_BATCH: SourceBatch = { messages: [], async ack() {}, async requeue() {} };

/**
 * Receives from the file of an embedded queue, in place of a RabbitMQ.
 *
 * A file has one source at a time: whoever holds the write lock of `<path>.source`. The kernel frees
 * it when its process dies, however it dies, so that the next source knows at once, and without
 * clocks, leases or process ids, that everything in flight is nobody's, and puts it back. A source
 * that finds the lock held waits until it is free.
 */
export function createEmbeddedSource({ path }: { readonly path: string }): EmbeddedSource {
  let file: DatabaseSync | undefined;
  let lock: DatabaseSync | undefined;
  let adopted = false;
  let closed = false;

  /** The file, once it is this source's. */
  function owned(): DatabaseSync | undefined {
    file ??= openQueueFile(path, BUSY_TIMEOUT_MS);
    lock ??= acquireLock(`${path}.source`);
    if (lock === undefined) return undefined;
    if (!adopted) putBack(file, takenBySomebody(file));
    adopted = true;
    return file;
  }

  return {
    async receive(options) {
      const isFilled = fillingWindow(options);
      while (!options.signal.aborted && !closed) {
        const source = owned();
        if (source && isFilled(countReady(source, options))) {
          const batch = take(source, options);
          if (batch.messages.length > 0) return batch;
        }
        const { signal } = options;
        await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
      }
      return EMPTY_BATCH;
    },
    async close() {
      if (closed) return;
      closed = true;
      if (file && lock) putBack(file, takenBySomebody(file));
      file?.close();
      lock?.close();
    },
  };
}

/** Says whether as much is ready as is to be taken, when it is asked again and again. */
function fillingWindow({ batchSize, windowMs }: ReceiveOptions): (ready: number) => boolean {
  let untilMs: number | undefined;
  return (ready) => {
    if (ready === 0) return false;
    untilMs ??= performance.now() + windowMs;
    return ready === batchSize || performance.now() >= untilMs;
  };
}

function acquireLock(path: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  // SQLITE_BUSY, https://sqlite.org/rescode.html#busy
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}

function countReady(file: DatabaseSync, { queue, batchSize }: ReceiveOptions): number {
  return file
    .prepare(
      'SELECT 1 FROM messages WHERE queue = ? AND in_flight = 0 AND visible_at_ms <= ? LIMIT ?',
    )
    .all(queue, Date.now(), batchSize).length;
}

function take(file: DatabaseSync, { queue, batchSize }: ReceiveOptions): SourceBatch {
  const received = file
    .prepare(
      `UPDATE messages SET in_flight = 1, deliveries = deliveries + 1
       WHERE id IN (SELECT id FROM messages
                    WHERE queue = ? AND in_flight = 0 AND visible_at_ms <= ?
                    ORDER BY id LIMIT ?)
       RETURNING id, queue, deliveries, body, properties`,
    )
    .all(queue, Date.now(), batchSize)
    .map((row) => receivedSchema.parse(row))
    .sort((one, other) => one.id - other.id); // RETURNING promises no order
  return {
    messages: received.map(({ body, properties, deliveries }) => ({
      body,
      properties,
      redelivered: deliveries > 1,
    })),
    ack: async () => remove(file, received),
    requeue: async () => putBack(file, received),
  };
}

function takenBySomebody(file: DatabaseSync): Taken[] {
  return file
    .prepare('SELECT id, queue, deliveries FROM messages WHERE in_flight = 1')
    .all()
    .map((row) => takenSchema.parse(row));
}

// A message is settled by the count of its deliveries, which a batch of the past does not have.

function remove(file: DatabaseSync, taken: readonly Taken[]): void {
  inTransaction(file, () => {
    const statement = file.prepare(
      'DELETE FROM messages WHERE id = ? AND deliveries = ? AND in_flight = 1',
    );
    for (const { id, deliveries } of taken) statement.run(id, deliveries);
  });
}

/** Back into its queue, or, returned once too often, into the one of the dead, marked as RabbitMQ does. */
function putBack(file: DatabaseSync, taken: readonly Taken[]): void {
  inTransaction(file, () => {
    const free = file.prepare(
      'UPDATE messages SET in_flight = 0 WHERE id = ? AND deliveries = ? AND in_flight = 1',
    );
    const bury = file.prepare(
      `UPDATE messages SET in_flight = 0, queue = ?,
         properties = json_set(properties, '$.headers.x-first-death-reason', 'delivery_limit')
       WHERE id = ? AND deliveries = ? AND in_flight = 1`,
    );
    for (const { id, queue, deliveries } of taken) {
      if (isExhausted(queue, deliveries)) bury.run(deadLetterQueueOf(queue), id, deliveries);
      else free.run(id, deliveries);
    }
  });
}

function isExhausted(queue: string, deliveries: number): boolean {
  return deliveries > DELIVERY_LIMIT && QUEUES.some((name) => name === queue);
}
