import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { Unavailable } from '../../domain/errors.ts';
import { deadLetterQueueOf, QUEUES, RETRY_DELAYS_MS } from '../../domain/messages.ts';
import type { Queue, QueueDepth } from '../../ports/queue.ts';
import {
  countDelayed,
  discard,
  letterOf,
  readDeadLetters,
  revive,
} from './embedded-dead-letters.ts';
import { openQueueFile } from './embedded-file.ts';
import type { Envelope } from './envelope.ts';
import { deadLetterEnvelope, newEnvelope, retryDelayMs, retryEnvelope } from './envelope.ts';

export interface EmbeddedQueueOptions {
  /** The file; `createEmbeddedSource` receives from it. */
  readonly path: string;
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** How long to wait while another process writes. */
  readonly timeoutMs?: number | undefined;
}

/** A queue in one SQLite file, for one machine. */
export function createEmbeddedQueue({
  path,
  retryDelaysMs = RETRY_DELAYS_MS,
  timeoutMs = 5_000,
}: EmbeddedQueueOptions): Queue {
  let opened: DatabaseSync | undefined;

  async function ask<T>(work: (file: DatabaseSync) => T): Promise<T> {
    try {
      opened ??= openQueueFile(path, timeoutMs);
      return work(opened);
    } catch (cause) {
      throw new Unavailable('queue', { cause });
    }
  }

  function send(queue: string, envelope: Envelope, delayMs = 0): Promise<void> {
    return ask((file) => insert(file, queue, envelope, Date.now() + delayMs));
  }

  return {
    declare: () => ask(() => undefined),
    publish: (message) => send(message.name, newEnvelope(message)),
    async retryLater(delivery) {
      const delayMs = retryDelayMs(delivery, retryDelaysMs);
      await send(delivery.queue, retryEnvelope(delivery), delayMs);
    },
    deadLetter: (delivery, reason) =>
      send(deadLetterQueueOf(delivery.queue), deadLetterEnvelope(delivery, reason)),
    deadLetters: (queue, limit) => ask((file) => readDeadLetters(file, queue, limit).map(letterOf)),
    async settleDeadLetters(queue, decide) {
      const dead = await ask((file) => readDeadLetters(file, queue));
      let settled = 0;
      for (const letter of dead) {
        const fate = await decide(letterOf(letter));
        if (fate === 'redrive') settled += await ask((file) => revive(file, letter));
        if (fate === 'discard') settled += await ask((file) => discard(file, letter));
      }
      return settled;
    },
    depths: () => ask(readDepths),
    delayed: () => ask(countDelayed),
    async ping() {
      await ask((file) => file.prepare('SELECT count(*) FROM messages WHERE id = 0').get());
    },
    async dispose() {
      opened?.close();
      opened = undefined;
    },
  };
}

function insert(
  file: DatabaseSync,
  queue: string,
  { body, properties }: Envelope,
  visibleAtMs: number,
): void {
  file
    .prepare('INSERT INTO messages (queue, body, properties, visible_at_ms) VALUES (?, ?, ?, ?)')
    .run(queue, body, JSON.stringify(properties), visibleAtMs);
}

const depthSchema = z.object({
  ready: z.number(),
  inFlight: z.number(),
  delayed: z.number(),
});

function readDepths(file: DatabaseSync): QueueDepth[] {
  const count = file.prepare(
    `SELECT count(*) FILTER (WHERE in_flight = 0 AND visible_at_ms <= ?) AS ready,
            count(*) FILTER (WHERE in_flight = 1) AS inFlight,
            count(*) FILTER (WHERE in_flight = 0 AND visible_at_ms > ?) AS delayed
     FROM messages WHERE queue = ?`,
  );
  const nowMs = Date.now();
  const depthOf = (queue: string) => depthSchema.parse(count.get(nowMs, nowMs, queue));
  return QUEUES.map((queue) => ({
    queue,
    ...depthOf(queue),
    dead: depthOf(deadLetterQueueOf(queue)).ready,
  }));
}
