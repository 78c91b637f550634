import { setTimeout as delay } from 'node:timers/promises';
import { createEvent } from './event.ts';
import type { EventDefinition } from './event-definition.ts';
import type { Invoke } from './lambda-invoker.ts';
import type { MessageSource, SourceBatch } from './source.ts';

/** Which function gets the messages of which queue. */
export interface Mapping extends Omit<EventDefinition, 'enabled'> {
  readonly functionName: string;
  /** How long an invocation may take until it counts as failed. */
  readonly timeoutMs: number;
}

export interface PollerLog {
  notice(line: string): void;
  warning(line: string): void;
}

export interface PollerOptions {
  readonly source: MessageSource;
  readonly invoke: Invoke;
  readonly mappings: readonly Mapping[];
  /** Invocations of one mapping at the same time; Amazon MQ for RabbitMQ has 1. */
  readonly concurrency: number;
  readonly log: PollerLog;
  /** The wait after the first failure in a row; it doubles up to 30 s. */
  readonly backOffMs?: number;
}

export interface Poller {
  /**
   * Takes no more messages and resolves when what is in flight is settled. After `timeoutMs`
   * invocations are given up and their messages put back.
   */
  stop(timeoutMs: number): Promise<void>;
}

const BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 30_000;

interface Signals {
  readonly stop: AbortSignal;
  readonly giveUp: AbortSignal;
}

/** Starts to move messages from the source to the functions, and goes on until it is stopped. */
export function startPoller(options: PollerOptions): Poller {
  const stop = new AbortController();
  const giveUp = new AbortController();
  const signals = { stop: stop.signal, giveUp: giveUp.signal };
  const loops = options.mappings.flatMap((mapping) => {
    const step = createStep(mapping, options, signals);
    return Array.from({ length: options.concurrency }, () =>
      repeat(step, options.backOffMs ?? BACK_OFF_MS, signals.stop),
    );
  });
  return {
    async stop(timeoutMs) {
      stop.abort();
      const timer = setTimeout(() => giveUp.abort(), timeoutMs);
      await Promise.all(loops);
      clearTimeout(timer);
    },
  };
}

/** Resolves with whether things went well; never rejects. */
type Step = () => Promise<boolean>;

async function repeat(step: Step, backOffMs: number, stop: AbortSignal): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    failures = (await step()) ? 0 : failures + 1;
    if (failures > 0) await pause(backOffAfter(failures, backOffMs), stop);
  }
}

/** One step takes a batch, hands it to the function and settles it. */
function createStep(mapping: Mapping, options: PollerOptions, signals: Signals): Step {
  const { log } = options;
  const name = `${mapping.queue}::${mapping.virtualHost} → ${mapping.functionName}`;
  const receive = createReceive(name, mapping, options, signals.stop);

  async function settle(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      log.warning(`${name}: the batch will come again, since ${reasonOf(error)}`);
    }
  }

  async function deliver(batch: SourceBatch): Promise<boolean> {
    const { functionName, timeoutMs } = mapping;
    try {
      const event = createEvent(mapping, batch.messages);
      await options.invoke(functionName, event, { timeoutMs, signal: signals.giveUp });
    } catch (error) {
      log.warning(`${name}: ${batch.messages.length} put back, since ${reasonOf(error)}`);
      await settle(() => batch.requeue());
      return false;
    }
    await settle(() => batch.ack());
    return true;
  }

  return async () => {
    const batch = await receive();
    if (batch === undefined) return false;
    if (batch.messages.length === 0) return true;
    if (!signals.stop.aborted) return deliver(batch);
    await settle(() => batch.requeue());
    return true;
  };
}

/** Receives the next batch, or undefined when that failed. An outage is logged once. */
function createReceive(
  name: string,
  { queue, virtualHost, batchSize, windowMs }: Mapping,
  { source, log }: PollerOptions,
  signal: AbortSignal,
): () => Promise<SourceBatch | undefined> {
  let outage = false;
  return async () => {
    try {
      const batch = await source.receive({ queue, virtualHost, batchSize, windowMs, signal });
      if (outage) log.notice(`${name}: receiving again`);
      outage = false;
      return batch;
    } catch (error) {
      if (!outage) log.warning(`${name}: ${reasonOf(error)}; trying again until it works`);
      outage = true;
      return undefined;
    }
  };
}

function backOffAfter(failures: number, firstMs: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), LONGEST_BACK_OFF_MS);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The signal only ends the pause; that is no error.
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
