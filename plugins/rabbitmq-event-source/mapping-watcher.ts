import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { AwsApiError, type CallAws } from './aws-api.ts';
import { createSecretReader, type ReadSecret, withCredentials } from './broker-url.ts';
import { type DiscoveredMapping, isMqMapping, readMapping } from './discovered-mapping.ts';
import { functionTimeoutSeconds, listMappings, type MappingRecord } from './lambda-api.ts';
import type { Mapping, PollerLog } from './poller.ts';
import { StateReason } from './state-reason.ts';
import { createTemplateReader, type FindInTemplate } from './template-mappings.ts';

/** Polls for one mapping until it is stopped. */
interface Polling {
  stop(): Promise<void>;
}

interface WatcherOptions {
  readonly call: CallAws;
  /** With credentials, or without, which are then those of each mapping's secret. */
  readonly broker: string;
  readonly intervalMs: number;
  readonly log: PollerLog;
  readonly startPolling: (mapping: Mapping, brokerUrl: string) => Polling;
  readonly signal: AbortSignal;
}

interface Wanted {
  readonly mapping: DiscoveredMapping;
  readonly brokerUrl: string;
}

/** The longest that Lambda lets a function run, for one whose limit is not known. */
const LONGEST_TIMEOUT_SECONDS = 900;
/** The platform ends a function that takes too long; this is for one that never answers. */
const TIMEOUT_MARGIN_MS = 10_000;

/**
 * Looks again and again for mappings of Amazon MQ, and sees to it that each that is enabled is polled
 * for as it says: new ones, changed ones, disabled ones and deleted ones. Resolves when the signal has
 * fired and what was in flight is settled.
 */
export async function watchMappings(options: WatcherOptions): Promise<void> {
  const { call, intervalMs, signal } = options;
  const slots = new Map<string, MappingSlot>();
  const report = createReporter(options);
  const newLookup = createTemplateReader(call);
  while (!signal.aborted) {
    const look = { findInTemplate: newLookup(), readSecret: createSecretReader(call) };
    await lookOnce(look, options, slots, report);
    await delay(intervalMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all([...slots.values()].map((slot) => slot.want(undefined, 'stopping')));
}

/** What one look asks for when it has to, and each thing once. */
interface Look {
  readonly findInTemplate: FindInTemplate;
  readonly readSecret: ReadSecret;
}

async function lookOnce(
  look: Look,
  options: WatcherOptions,
  slots: Map<string, MappingSlot>,
  report: Reporter,
): Promise<void> {
  const { call } = options;
  let records: MappingRecord[];
  try {
    records = (await listMappings(call)).filter(isMqMapping);
    report.fine('discovery', 'the Lambda API answers again');
  } catch (error) {
    report.wrong('discovery', error);
    return;
  }
  for (const record of records) {
    const uuid = String(record['UUID']);
    const slot = slots.get(uuid) ?? new MappingSlot(options, report);
    slots.set(uuid, slot);
    try {
      const wanted = await readWanted(record, look, options);
      slot.want(wanted, wanted === undefined ? 'it is disabled' : 'it has changed');
      report.fine(uuid);
    } catch (error) {
      report.wrong(uuid, error);
    }
  }
  const uuids = new Set(records.map(({ UUID }) => String(UUID)));
  for (const [uuid, slot] of slots) {
    if (uuids.has(uuid)) continue;
    slots.delete(uuid);
    report.fine(uuid);
    slot.want(undefined, 'it is deleted');
  }
}

/** Undefined for a mapping that is not enabled. */
async function readWanted(
  record: MappingRecord,
  { findInTemplate, readSecret }: Look,
  { broker }: WatcherOptions,
): Promise<Wanted | undefined> {
  const declared =
    record['Queues'] === undefined ? await findInTemplate(String(record['UUID'])) : undefined;
  const mapping = readMapping(record, declared);
  if (!mapping.enabled) return undefined;
  return { mapping, brokerUrl: await withCredentials(readSecret, broker, mapping.secretId) };
}

/** What is polled for one mapping: nothing, or one thing at a time. */
class MappingSlot {
  readonly #options: WatcherOptions;
  readonly #report: Reporter;
  #wanted: Wanted | undefined;
  #running: { readonly polling: Polling; readonly name: string } | undefined;
  /** Changes happen one after the other: a batch that is in flight is settled in between. */
  #changes = Promise.resolve();

  constructor(options: WatcherOptions, report: Reporter) {
    this.#options = options;
    this.#report = report;
  }

  /** @param reason why what has been polled so far no longer is */
  want(wanted: Wanted | undefined, reason: string): Promise<void> {
    if (isDeepStrictEqual(wanted, this.#wanted)) return this.#changes;
    this.#wanted = wanted;
    this.#changes = this.#changes.then(() => this.#change(wanted, reason));
    return this.#changes;
  }

  async #change(wanted: Wanted | undefined, reason: string): Promise<void> {
    const { log, signal } = this.#options;
    if (this.#running !== undefined) {
      await this.#running.polling.stop();
      log.notice(`No longer polling ${this.#running.name}: ${reason}`);
      this.#running = undefined;
    }
    if (wanted === undefined || signal.aborted) return;
    const about = `the start of ${wanted.mapping.uuid}`;
    try {
      await this.#start(wanted);
      this.#report.fine(about);
    } catch (error) {
      this.#report.wrong(about, error);
      // The next look wants it anew.
      if (this.#wanted === wanted) this.#wanted = undefined;
    }
  }

  async #start({ mapping: discovered, brokerUrl }: Wanted): Promise<void> {
    const { call, log, startPolling } = this.#options;
    const { uuid: _uuid, enabled: _enabled, secretId: _secretId, ...mapping } = discovered;
    const { queue, virtualHost, functionName, batchSize, windowMs } = mapping;
    const name = `${queue}::${virtualHost} for ${functionName}`;
    const timeoutMs = await timeoutMsOf(call, functionName);
    this.#running = { polling: startPolling({ ...mapping, timeoutMs }, brokerUrl), name };
    log.notice(`Polling ${name}, at most ${batchSize} at once, within ${windowMs / 1000} s`);
  }
}

async function timeoutMsOf(call: CallAws, functionName: string): Promise<number> {
  try {
    const seconds = await functionTimeoutSeconds(call, functionName);
    return (seconds ?? LONGEST_TIMEOUT_SECONDS) * 1000 + TIMEOUT_MARGIN_MS;
  } catch (error) {
    if (!(error instanceof AwsApiError && error.status === 404)) throw error;
    throw new StateReason(
      'FUNCTION_CONFIG_NOT_VALID',
      `there is no function ${functionName}; deploy it, or delete the mapping`,
      { cause: error },
    );
  }
}

interface Reporter {
  /** Says once what is wrong, until it is fine or something else is wrong. */
  wrong(what: string, error: unknown): void;
  fine(what: string, sentence?: string): void;
}

function createReporter({ log, signal }: WatcherOptions): Reporter {
  const told = new Map<string, string>();
  return {
    wrong(what, error) {
      // A look that the end has interrupted says nothing of the other side.
      if (signal.aborted) return;
      const sentence = sentenceOf(error);
      if (told.get(what) !== sentence) log.warning(`${sentence}; looking again until it works`);
      told.set(what, sentence);
    },
    fine(what, sentence) {
      if (told.delete(what) && sentence !== undefined) log.notice(sentence);
    },
  };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
