import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { RabbitmqEvent } from '../event.ts';

/** What the function is to do with an event: succeed, or fail with a sentence. */
export type Outcome = { readonly failsWith?: string };

export interface Collected {
  readonly event: RabbitmqEvent;
  /** By the clock of `performance.now()`. */
  readonly atMs: number;
}

/** The events of one queue of one virtual host. */
export class Inbox {
  readonly collected: Collected[] = [];
  /** Decides of each event, when it has come, what the function does. */
  decide: (index: number) => Promise<Outcome> = async () => ({});
  #onChange = new Set<() => void>();

  async take(event: RabbitmqEvent): Promise<Outcome> {
    this.collected.push({ event, atMs: performance.now() });
    for (const look of this.#onChange) look();
    return this.decide(this.collected.length - 1);
  }

  /** Resolves when so many events have come; rejects when they do not. */
  async until(count: number, timeoutMs = 30_000): Promise<readonly Collected[]> {
    const enough = new Promise<void>((resolve) => {
      const look = () => {
        if (this.collected.length < count) return;
        this.#onChange.delete(look);
        resolve();
      };
      this.#onChange.add(look);
      look();
    });
    const timer = new AbortController();
    await Promise.race([enough, delay(timeoutMs, undefined, { signal: timer.signal })]);
    timer.abort();
    if (this.collected.length >= count) return this.collected;
    const seen = `${this.collected.length} of ${count} invocations`;
    throw new Error(`${seen} came within ${timeoutMs / 1000} s`);
  }

  bodies(): string[][] {
    return this.collected.map(({ event }) =>
      recordsOf(event).map(({ data }) => Buffer.from(data, 'base64').toString('utf8')),
    );
  }
}

export function recordsOf(event: RabbitmqEvent) {
  return Object.values(event.rmqMessagesByQueue).flat();
}

export interface Collector extends AsyncDisposable {
  inbox(queue: string, virtualHost: string): Inbox;
  /** What came that is no event of a queue. */
  readonly others: readonly unknown[];
}

/** Listens to the probe function, which hands every event over. */
export async function startCollector(place: { host: string; port: number }): Promise<Collector> {
  const inboxes = new Map<string, Inbox>();
  const others: unknown[] = [];
  const inboxOf = (key: string): Inbox => {
    const inbox = inboxes.get(key) ?? new Inbox();
    inboxes.set(key, inbox);
    return inbox;
  };
  const server = createServer(async (request, response) => {
    const event = (await json(request)) as Partial<RabbitmqEvent>;
    const [key] = Object.keys(event.rmqMessagesByQueue ?? {});
    if (key === undefined) {
      others.push(event);
      response.end('no event of a queue');
      return;
    }
    const { failsWith } = await inboxOf(key).take(event as RabbitmqEvent);
    if (failsWith !== undefined) response.statusCode = 500;
    response.end(failsWith ?? 'taken');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(place.port, place.host, resolve);
  });
  return {
    inbox: (queue, virtualHost) => inboxOf(`${queue}::${virtualHost}`),
    others,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
