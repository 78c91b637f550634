import { parseArgs } from 'node:util';
import { ConfigurationError } from './configuration-error.ts';
import type { AwsCredentials } from './sign-request.ts';

export interface CommandOptions {
  readonly endpoint: string;
  readonly broker: string;
  readonly region: string;
  readonly credentials: AwsCredentials;
  readonly concurrency: number;
  readonly intervalMs: number;
  readonly stopTimeoutMs: number;
}

export const HELP = `Feeds RabbitMQ messages to Lambda functions, as Amazon MQ's event source mappings do on AWS.

  rabbitmq-event-source --endpoint http://127.0.0.1:4566 --broker amqp://guest:guest@127.0.0.1:5672

It finds the mappings by the endpoint's Lambda API, follows their changes, and invokes the functions.

  --endpoint <url>       where the Lambda API is; AWS_ENDPOINT_URL unless given, else http://127.0.0.1:4566
  --broker <url>         amqp:// or amqps://; without credentials in it, those of each mapping's secret are
                         taken; amqp://127.0.0.1:5672 unless given
  --region <name>        AWS_REGION or AWS_DEFAULT_REGION unless given, else us-east-1
  --interval <seconds>   between two looks for mappings: 2 unless given
  --concurrency <n>      invocations of one mapping at a time: 1 unless given, as on AWS
  --stop-timeout <s>     how long invocations may take to end after SIGTERM: 30 unless given
  --help

Requests are signed with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; without them with
test and test, which emulators take.`;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @returns undefined when only help was asked for
 * @throws {ConfigurationError} with a sentence that names the option
 */
export function parseCommandOptions(
  args: readonly string[],
  environment: Environment,
): CommandOptions | undefined {
  const values = readArguments(args);
  if (values.help) return undefined;
  return {
    endpoint: urlOf(
      'endpoint',
      values.endpoint ?? (environment['AWS_ENDPOINT_URL'] || 'http://127.0.0.1:4566'),
      /^https?:$/,
      'an http:// or https:// URL',
    ),
    broker: urlOf(
      'broker',
      values.broker ?? 'amqp://127.0.0.1:5672',
      /^amqps?:$/,
      'an amqp:// or amqps:// URL',
    ),
    region:
      values.region ??
      (environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || 'us-east-1'),
    credentials: {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] || 'test',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] || 'test',
      sessionToken: environment['AWS_SESSION_TOKEN'] || undefined,
    },
    concurrency: wholeNumber('concurrency', values.concurrency ?? '1'),
    intervalMs: seconds('interval', values.interval ?? '2'),
    stopTimeoutMs: seconds('stop-timeout', values['stop-timeout'] ?? '30'),
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        endpoint: { type: 'string' },
        broker: { type: 'string' },
        region: { type: 'string' },
        interval: { type: 'string' },
        concurrency: { type: 'string' },
        'stop-timeout': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(`${reason}. --help shows the options`);
  }
}

function urlOf(name: string, value: string, protocols: RegExp, rule: string): string {
  if (URL.canParse(value) && protocols.test(new URL(value).protocol)) return value;
  throw new ConfigurationError(`--${name} must be ${rule}, not ${JSON.stringify(value)}`);
}

function wholeNumber(name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new ConfigurationError(`--${name} must be a whole number above 0, not ${value}`);
}

function seconds(name: string, value: string): number {
  const number = Number(value);
  if (Number.isFinite(number) && number > 0) return number * 1000;
  throw new ConfigurationError(`--${name} must be a number of seconds above 0, not ${value}`);
}
