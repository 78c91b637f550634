/**
 * Measures how fast messages reach a function: `npm run bench -- events`. Publisher, function and clock are
 * in this process; what moves the messages is a process of its own. It says what was reached and fails on
 * none of it: it is a benchmark.
 */
import { randomUUID } from 'node:crypto';
import { type ConfirmChannel, connect } from 'amqplib';
import { openRabbitmq } from '../scripts/services/open-rabbitmq.ts';
import { type BenchRun, runBench } from './command.ts';
import { describeMachine } from './convert/machine.ts';
import { table } from './convert/report.ts';
import { type FeederKind, startFeeder } from './events/feeder.ts';
import { type InvokeEndpoint, startInvokeEndpoint } from './events/invoke-endpoint.ts';
import { median } from './median.ts';

/** From the publisher's call to the whole invocation, beside the window. */
const AIM_MS = 15;
const DEFAULT_WINDOW_MS = 500;
const BODY = 'x'.repeat(1_000);

interface Variant {
  readonly by: FeederKind;
  readonly batchSize: number;
  readonly windowSeconds: number;
}

/** A batch of one is full at once, and waits for no window. */
const LATENCIES: readonly Variant[] = [
  { by: 'event source', batchSize: 1, windowSeconds: 0 },
  { by: 'hand-written bridge', batchSize: 1, windowSeconds: 0 },
  { by: 'event source', batchSize: 100, windowSeconds: 0 },
];
const THROUGHPUTS: readonly Variant[] = [
  { by: 'event source', batchSize: 1, windowSeconds: 0 },
  { by: 'hand-written bridge', batchSize: 1, windowSeconds: 0 },
  { by: 'event source', batchSize: 100, windowSeconds: 0 },
  { by: 'event source', batchSize: 10_000, windowSeconds: 0 },
];

const EXPLAINED = `**event source** is \`plugins/rabbitmq-event-source/command.ts\`, signed requests and all. The
**hand-written bridge** is what one writes instead: consume a message, post it, acknowledge it. The
function does nothing, and its answer is there at once. Queues are quorum queues of one node.`;

await runBench({ name: 'events', shortForm: 'a few messages', rounds: 3, measure: bench });

async function bench({ isShort, rounds, signal }: BenchRun): Promise<string> {
  const machine = await describeMachine({});
  await using rabbitmq = await openRabbitmq(signal);
  await using publisher = await openPublisher(rabbitmq.url);
  const { channel } = publisher;
  const place = { brokerUrl: rabbitmq.url, channel, signal };
  const counts = isShort
    ? { alone: 30, windowed: 3, single: 500, batched: 10_000 }
    : { alone: 300, windowed: 10, single: 2_000, batched: 20_000 };

  const latencies = new Map<Variant, number[]>();
  const throughputs = new Map<Variant, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const variant of LATENCIES) {
      const count = variant.batchSize === 1 ? counts.alone : counts.windowed;
      const measured = await measureLatency(variant, count, place);
      latencies.set(variant, [...(latencies.get(variant) ?? []), ...measured]);
    }
    for (const variant of THROUGHPUTS) {
      const count = variant.batchSize === 1 ? counts.single : counts.batched;
      const measured = await measureThroughput(variant, count, place);
      throughputs.set(variant, [...(throughputs.get(variant) ?? []), measured]);
    }
  }
  const form = isShort ? 'short: a few messages' : 'long';
  const facts = { form, rounds: String(rounds), ...machine };
  return `${[
    '# How fast messages reach a function',
    'Made by `npm run bench -- events --write`. In each round everything takes its turn.',
    table(['', ''], Object.entries(facts)),
    EXPLAINED,
    '## Latency',
    `From the publisher's call to the whole invocation, one message of 1 kB at a time. Aimed at: a median of at most ${AIM_MS} ms beside the window.`,
    table(
      ['by', 'batch', 'window', 'messages', 'median', '95 of 100 within', 'aim'],
      [...latencies].map(([variant, measured]) => latencyRow(variant, measured)),
    ),
    '## Throughput',
    `From the line that says that it polls to the last of ${counts.batched} messages of 1 kB that were waiting, ${counts.single} for batches of one; the median of all rounds.`,
    table(
      ['by', 'batch', 'messages/s (least–most)'],
      [...throughputs].map(([{ by, batchSize }, measured]) => [
        ...[by, String(batchSize)],
        `${rounded(median(measured))} (${rounded(Math.min(...measured))}–${rounded(Math.max(...measured))})`,
      ]),
    ),
  ].join('\n\n')}\n`;
}

interface Place {
  readonly brokerUrl: string;
  readonly channel: ConfirmChannel;
  readonly signal: AbortSignal;
}

async function measureLatency(variant: Variant, count: number, place: Place): Promise<number[]> {
  const { channel, signal } = place;
  const queue = await declareQueue(channel);
  await using endpoint = await startInvokeEndpoint({ queue, ...variant });
  await using _feeder = await startFeeder(variant.by, { ...place, queue, endpoint: endpoint.url });
  const takeOne = async () => {
    signal.throwIfAborted();
    const arrived = untilArrived(endpoint, 1);
    const publishedMs = performance.now();
    channel.sendToQueue(queue, Buffer.from(BODY));
    return (await arrived) - publishedMs;
  };
  // The first one waits for the subscription, and for code that has not run before.
  await takeOne();
  const latenciesMs: number[] = [];
  while (latenciesMs.length < count) latenciesMs.push(await takeOne());
  await channel.deleteQueue(queue);
  return latenciesMs;
}

/** @returns messages a second */
async function measureThroughput(variant: Variant, count: number, place: Place): Promise<number> {
  const { channel, signal } = place;
  signal.throwIfAborted();
  const queue = await declareQueue(channel);
  for (let sent = 0; sent < count; sent += 1) channel.sendToQueue(queue, Buffer.from(BODY));
  await channel.waitForConfirms();
  await using endpoint = await startInvokeEndpoint({ queue, ...variant });
  const arrived = untilArrived(endpoint, count);
  await using _feeder = await startFeeder(variant.by, { ...place, queue, endpoint: endpoint.url });
  const begunMs = performance.now();
  const endedMs = await arrived;
  await channel.deleteQueue(queue);
  return (count / (endedMs - begunMs)) * 1_000;
}

/** Resolves with the time at which the last of so many messages has arrived. */
function untilArrived(endpoint: InvokeEndpoint, count: number): Promise<number> {
  let arrived = 0;
  return new Promise((resolve) => {
    endpoint.onInvocation = (bodies) => {
      arrived += bodies.length;
      if (arrived >= count) resolve(performance.now());
    };
  });
}

function rounded(value: number | undefined): string {
  return (value ?? Number.NaN).toFixed(0);
}

function latencyRow({ by, batchSize }: Variant, measuredMs: readonly number[]): string[] {
  const windowMs = batchSize === 1 ? 0 : DEFAULT_WINDOW_MS;
  const sorted = measuredMs.toSorted((left, right) => left - right);
  const medianMs = median(sorted) ?? Number.NaN;
  const highMs = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
  const aim =
    by === 'event source'
      ? `≤ ${AIM_MS + windowMs} ms, ${medianMs <= AIM_MS + windowMs ? 'reached' : '**not reached**'}`
      : '';
  return [
    ...[by, String(batchSize), windowMs === 0 ? 'none' : `${windowMs} ms`, String(sorted.length)],
    ...[`${medianMs.toFixed(1)} ms`, `${highMs.toFixed(1)} ms`, aim],
  ];
}

async function openPublisher(url: string) {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  return { channel, [Symbol.asyncDispose]: () => connection.close() };
}

async function declareQueue(channel: ConfirmChannel): Promise<string> {
  const queue = `bench-${randomUUID()}`;
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  return queue;
}
