import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { SignedInClient } from '../../tests/support/api-client.ts';
import type { LoadHost } from './host.ts';
import { watchServiceMemory } from './service-memory.ts';

const POLL_MS = 250;
const TIMEOUT_MS = 20 * 60_000;
const DRAIN_MS = 30_000;

const mailsSchema = z.array(z.looseObject({ text: z.string().default('') }));
const pageSchema = z.object({ items: z.array(z.looseObject({ status: z.string() })) });

export interface UploadsResult {
  readonly uploads: number;
  readonly acceptedPerSecond: number;
  /** From the upload's first byte to its mail, sorted. */
  readonly toMailMs: readonly number[];
  readonly allSeconds: number;
  readonly memoryBytes: number;
  readonly lost: number;
  readonly mp3s: number;
  readonly mailsTwice: number;
  readonly messagesLeft: number;
}

/** Every client uploads its share, one after the other and all clients at once; then all is counted. */
export async function measureUploads(
  host: LoadHost,
  clients: readonly SignedInClient[],
  uploads: number,
  video: string,
  signal: AbortSignal,
): Promise<UploadsResult> {
  const memory = watchServiceMemory(host.service.pid);
  const begun = new Map<string, number>();
  const startedAt = performance.now();
  let left = uploads;
  const share = async (client: SignedInClient) => {
    while (left > 0) {
      left -= 1;
      const at = performance.now();
      const { file_id: id } = await client.upload(video);
      begun.set(id, at);
    }
  };
  const arrivals = new Map<string, number>();
  const sending = Promise.all(clients.map(share)).then(() => performance.now());
  // It is awaited only after the mails; meanwhile a failure has to end the waiting, too.
  let failure: unknown;
  sending.catch((error: unknown) => {
    failure = error;
  });
  while (arrivals.size < uploads && performance.now() - startedAt < TIMEOUT_MS) {
    signal.throwIfAborted();
    if (failure !== undefined) throw failure;
    for (const id of (await mailedIds(host)).keys()) {
      if (!arrivals.has(id)) arrivals.set(id, performance.now());
    }
    await sleep(POLL_MS);
  }
  const endedAt = performance.now();
  const acceptedSeconds = ((await sending) - startedAt) / 1_000;
  const messagesLeft = await drained(host);
  const mailed = await mailedIds(host);
  const statuses = await Promise.all(clients.map(readyCount));
  const ready = statuses.reduce((sum, count) => sum + count, 0);
  const withMail = [...begun.keys()].filter((id) => mailed.has(id)).length;
  return {
    uploads,
    acceptedPerSecond: uploads / acceptedSeconds,
    toMailMs: [...begun]
      .flatMap(([id, at]) => (arrivals.has(id) ? [(arrivals.get(id) ?? at) - at] : []))
      .toSorted((one, other) => one - other),
    allSeconds: (endedAt - startedAt) / 1_000,
    memoryBytes: await memory.stop(),
    lost: uploads - Math.min(ready, withMail),
    mp3s: await host.countMp3s(),
    mailsTwice: [...mailed.values()].filter((count) => count > 1).length,
    messagesLeft,
  };
}

/** How many mails there are for each conversion. */
async function mailedIds({ mailUrl }: LoadHost): Promise<Map<string, number>> {
  const mails = mailsSchema.parse(await (await fetch(`${mailUrl}/api/email`)).json());
  const counts = new Map<string, number>();
  for (const { text } of mails) {
    const id = /\/api\/v1\/links\/([\w-]+)/.exec(text)?.[1];
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

async function readyCount(client: SignedInClient): Promise<number> {
  const answer = await client.get('/api/v1/files?state=ready&limit=100');
  return pageSchema.parse(await answer.json()).items.length;
}

/** The last message is acknowledged after its mail was sent. */
async function drained(host: LoadHost): Promise<number> {
  const deadline = performance.now() + DRAIN_MS;
  let count = await host.countMessages();
  while (count > 0 && performance.now() < deadline) {
    await sleep(POLL_MS);
    count = await host.countMessages();
  }
  return count;
}
