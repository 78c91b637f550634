import { ConfigurationError } from './configuration-error.ts';
import { createEventFilter } from './event-filter.ts';

/** A `rabbitmq` event of serverless.yml, with its defaults filled in. */
export interface EventDefinition {
  readonly arn: string;
  readonly queue: string;
  readonly virtualHost: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly enabled: boolean;
  /** In JSON, as the Lambda API has them. */
  readonly filterPatterns: readonly string[];
}

/** Stands for an ARN which only CloudFormation knows (`Ref`, `Fn::ImportValue`). */
const UNKNOWN_ARN =
  'arn:aws:mq:us-east-1:000000000000:broker:local:b-00000000-0000-0000-0000-000000000000';

/** https://docs.aws.amazon.com/lambda/latest/dg/services-mq-params.html */
const DEFAULT_BATCH_SIZE = 100;
const DEFAULT_WINDOW_MS = 500;

/**
 * Reads one `rabbitmq` event. `basicAuthArn` names a secret on AWS; here the broker's URL carries
 * the credentials.
 *
 * @param place where the event stands, to begin a refusal with
 * @throws {ConfigurationError} with a sentence that names the place and the field
 */
export function parseEventDefinition(place: string, event: unknown): EventDefinition {
  const fields = Object(event) as Record<string, unknown>;
  function read<Value>(name: string, fits: Check<Value>, rule: string): Value | undefined {
    const value = fields[name] ?? undefined;
    if (value === undefined || fits(value)) return value;
    throw new ConfigurationError(`${place}: ${name} must be ${rule}, not ${JSON.stringify(value)}`);
  }
  const arn = required(place, 'arn', fields['arn']);
  const queue = required(place, 'queue', read('queue', isText, 'a name'));
  const windowSeconds = read('maximumBatchingWindow', isWindow, 'whole seconds from 0 to 300');
  return {
    arn: isText(arn) ? arn : UNKNOWN_ARN,
    queue,
    virtualHost: read('virtualHost', isText, 'a name') ?? '/',
    batchSize: read('batchSize', isBatchSize, '1 to 10000 messages') ?? DEFAULT_BATCH_SIZE,
    // A window of 0 is not passed on at deployment, so that AWS applies its default.
    windowMs: windowSeconds ? windowSeconds * 1000 : DEFAULT_WINDOW_MS,
    enabled: read('enabled', isBoolean, 'true or false') ?? true,
    filterPatterns: toPatterns(place, read('filterPatterns', isList, 'a list') ?? []),
  };
}

/** Patterns are objects in serverless.yml; the deployment makes JSON of them. */
function toPatterns(place: string, filterPatterns: readonly unknown[]): string[] {
  const patterns = filterPatterns.map((pattern) => JSON.stringify(pattern));
  try {
    createEventFilter(patterns);
  } catch (error) {
    throw new ConfigurationError(`${place}: filterPatterns: ${Object(error).message}`);
  }
  return patterns;
}

type Check<Value> = (value: unknown) => value is Value;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isList = (value: unknown): value is unknown[] => Array.isArray(value);
const isBatchSize = wholeNumber(1, 10_000);
const isWindow = wholeNumber(0, 300);

function wholeNumber(least: number, most: number): Check<number> {
  return (value): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function required<Value>(place: string, name: string, value: Value): NonNullable<Value> {
  if (value !== undefined && value !== null) return value;
  throw new ConfigurationError(`${place}: ${name} is missing`);
}
