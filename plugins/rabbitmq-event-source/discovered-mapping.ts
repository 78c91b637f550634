import { createEventFilter } from './event-filter.ts';
import type { MappingRecord } from './lambda-api.ts';
import { StateReason } from './state-reason.ts';

/** What a mapping of Amazon MQ asks for. */
export interface DiscoveredMapping {
  readonly uuid: string;
  /** As `Invoke` takes it, `<name>` or `<name>:<qualifier>`. */
  readonly functionName: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly queue: string;
  readonly virtualHost: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly filterPatterns: readonly string[];
  /** The secret with the broker's user name and password. */
  readonly secretId?: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-mq-params.html */
const DEFAULT_BATCH_SIZE = 100;
const DEFAULT_WINDOW_MS = 500;

const INACTIVE = ['Disabled', 'Disabling', 'Deleting'];

export function isMqMapping({ EventSourceArn: arn }: MappingRecord): boolean {
  return typeof arn === 'string' && /^arn:[^:]*:mq:/.test(arn);
}

/**
 * Reads what the Lambda API says of a mapping.
 *
 * @param declared what the mapping's template says, where the API keeps it to itself
 * @throws {StateReason} when something is missing
 */
export function readMapping(record: MappingRecord, declared?: MappingRecord): DiscoveredMapping {
  const queues = declared?.['Queues'] ?? record['Queues'];
  const queue = Array.isArray(queues) ? queues[0] : undefined;
  if (typeof queue !== 'string') {
    throw new StateReason(
      'ESM_CONFIG_NOT_VALID',
      `the mapping ${record['UUID']} names no queue; give it Queues, or deploy it by a template whose Queues are texts`,
    );
  }
  const access = declared?.['SourceAccessConfigurations'] ?? record['SourceAccessConfigurations'];
  const secretId = accessOf(access, 'BASIC_AUTH');
  const windowSeconds = record['MaximumBatchingWindowInSeconds'];
  return {
    uuid: String(record['UUID']),
    functionName: functionNameOf(String(record['FunctionArn'])),
    arn: String(record['EventSourceArn']),
    enabled: !INACTIVE.includes(String(record['State'])) && declared?.['Enabled'] !== false,
    queue,
    virtualHost: accessOf(access, 'VIRTUAL_HOST') ?? '/',
    batchSize: batchSizeOf(record, declared),
    windowMs: Number(windowSeconds ?? 0) * 1000 || DEFAULT_WINDOW_MS,
    filterPatterns: patternsOf(record),
    ...(secretId === undefined ? {} : { secretId }),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_FilterCriteria.html */
function patternsOf({ UUID, FilterCriteria: criteria }: MappingRecord): string[] {
  const { Filters: filters } = Object(criteria) as MappingRecord;
  const patterns = Array.isArray(filters)
    ? filters.map((filter) => String(Object(filter)['Pattern']))
    : [];
  try {
    createEventFilter(patterns);
  } catch (cause) {
    const reason = `a filter of the mapping ${UUID} is wrong: ${Object(cause).message}`;
    throw new StateReason('ESM_CONFIG_NOT_VALID', reason, { cause });
  }
  return patterns;
}

/** MiniStack records 10 where a template says nothing, which is the default of other event sources. */
function batchSizeOf(record: MappingRecord, declared: MappingRecord | undefined): number {
  const isUnset = declared !== undefined && declared['BatchSize'] === undefined;
  return isUnset ? DEFAULT_BATCH_SIZE : Number(record['BatchSize'] ?? DEFAULT_BATCH_SIZE);
}

/**
 * https://docs.aws.amazon.com/lambda/latest/api/API_SourceAccessConfiguration.html
 *
 * @throws {StateReason} for what a template says in other words than a text or a `Ref` to a resource
 */
function accessOf(configurations: unknown, type: string): string | undefined {
  if (!Array.isArray(configurations)) return undefined;
  const found: MappingRecord | undefined = configurations
    .map(Object)
    .find(({ Type }: MappingRecord) => Type === type);
  const { URI: uri } = found ?? {};
  if (uri === undefined || typeof uri === 'string') return uri;
  throw new StateReason(
    'ESM_CONFIG_NOT_VALID',
    `the template's ${type} is ${JSON.stringify(uri)}; make it a text, or a Ref to a resource`,
  );
}

/** `arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]` */
function functionNameOf(arn: string): string {
  return arn.split(':').slice(6).join(':') || arn;
}
