import { setTimeout as delay } from 'node:timers/promises';
import { createEvent, isTooLarge } from './event.ts';
import type { EventDefinition } from './event-definition.ts';
import { createEventFilter } from './event-filter.ts';
import type { Invoke } from './lambda-invoker.ts';
import type { MessageSource, ReceiveOptions, SourceBatch, SourceMessage } from './source.ts';

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
  /** The wait after the first failure in a row; it doubles up to 30 s, or 2 s without a broker. */
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
/** Asking costs a broker nothing, and what was missing may be there any moment. */
const LONGEST_RECEIVE_BACK_OFF_MS = 2_000;

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

/** Resolves with the longest wait that its failure is worth, or with 0 after a success; never rejects. */
type Step = () => Promise<number>;

async function repeat(step: Step, backOffMs: number, stop: AbortSignal): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    const longestMs = await step();
    failures = longestMs === 0 ? 0 : failures + 1;
    if (failures > 0) await pause(Math.min(backOffMs * 2 ** (failures - 1), longestMs), stop);
  }
}

/** One step takes a batch, hands it to the function and settles it. */
function createStep(mapping: Mapping, options: PollerOptions, signals: Signals): Step {
  const { log } = options;
  const name = `${mapping.queue}::${mapping.virtualHost} → ${mapping.functionName}`;
  const accepts = createAccepts(name, mapping, log);
  const receive = createReceive(name, { ...mapping, accepts }, options, signals.stop);

  async function settle(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      log.warning(`${name}: the batch will come again, since ${reasonOf(error)}`);
    }
  }

  async function deliver(batch: SourceBatch): Promise<number> {
    const { functionName, timeoutMs } = mapping;
    try {
      const left = batch.messages.filter(accepts);
      if (left.length === 0) return await removeAll(batch);
      if (left.length < batch.messages.length) throw new Error('the source leaves nothing out');
      const event = createEvent(mapping, batch.messages);
      await options.invoke(functionName, event, { timeoutMs, signal: signals.giveUp });
    } catch (error) {
      log.warning(`${name}: ${batch.messages.length} put back, since ${reasonOf(error)}`);
      await settle(() => batch.requeue());
      return LONGEST_BACK_OFF_MS;
    }
    return removeAll(batch);
  }

  async function removeAll(batch: SourceBatch): Promise<number> {
    await settle(() => batch.ack());
    return 0;
  }

  return async () => {
    const batch = await receive();
    if (batch === undefined) return LONGEST_RECEIVE_BACK_OFF_MS;
    if (batch.messages.length === 0) return 0;
    if (!signals.stop.aborted) return deliver(batch);
    await settle(() => batch.requeue());
    return 0;
  };
}

/**
 * "Records also go unprocessed if Lambda drops them due to their size. The size limit for Lambda records
 * is 6 MB." https://docs.aws.amazon.com/lambda/latest/dg/services-mq-errors.html
 */
function createAccepts(
  name: string,
  { filterPatterns }: Mapping,
  log: PollerLog,
): (message: SourceMessage) => boolean {
  const filter = createEventFilter(filterPatterns);
  return (message) => {
    if (!isTooLarge(message)) return filter(message.body);
    const { messageId = 'without an id' } = message.properties;
    log.warning(
      `${name}: dropped the message ${messageId} of ${message.body.length} bytes for good, since its event is larger than 6 MB`,
    );
    return false;
  };
}

/** Receives the next batch, or undefined when that failed. Each reason of an outage is logged once. */
function createReceive(
  name: string,
  { queue, virtualHost, batchSize, windowMs, accepts }: Omit<ReceiveOptions, 'signal'>,
  { source, log }: PollerOptions,
  signal: AbortSignal,
): () => Promise<SourceBatch | undefined> {
  let outage: string | undefined;
  return async () => {
    try {
      const batch = await source.receive({
        ...{ queue, virtualHost, batchSize, windowMs, accepts, signal },
      });
      if (outage !== undefined) log.notice(`${name}: receiving again`);
      outage = undefined;
      return batch;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== outage) log.warning(`${name}: ${reason}; trying again until it works`);
      outage = reason;
      return undefined;
    }
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The signal only ends the pause; that is no error.
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
