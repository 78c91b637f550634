import { ConfigurationError } from './configuration-error.ts';

/** `custom.rabbitmqEventSource` of serverless.yml, with its defaults filled in. */
export interface PluginOptions {
  /** Where messages come from: a broker's URL, or the path of a module that opens a source. */
  readonly from: { readonly broker: string } | { readonly module: string };
  /** Where functions are invoked, without a path. */
  readonly endpoint: string;
  readonly concurrency: number;
  readonly stopTimeoutMs: number;
}

const PLACE = 'custom.rabbitmqEventSource';
const KNOWN = ['broker', 'source', 'host', 'lambdaPort', 'concurrency', 'stopTimeout'];

const DEFAULT_BROKER = 'amqp://guest:guest@127.0.0.1:5672';
const DEFAULT_STOP_TIMEOUT_SECONDS = 30;

/**
 * @param custom the value of `custom.rabbitmqEventSource`
 * @param offline what serverless-offline was told about its Invoke API
 * @throws {ConfigurationError} with a sentence that names the field
 */
export function parsePluginOptions(
  custom: unknown,
  offline: { readonly host?: unknown; readonly lambdaPort?: unknown },
): PluginOptions {
  const options = Object(custom ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(options).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new ConfigurationError(`${PLACE}.${unknown} is not an option`);
  const broker = textOf(options, 'broker');
  const module = textOf(options, 'source');
  if (broker !== undefined && module !== undefined) {
    throw new ConfigurationError(`${PLACE} has both a broker and a source; give one of them`);
  }
  if (broker !== undefined && !/^amqps?:\/\/./.test(broker)) {
    throw new ConfigurationError(`${PLACE}.broker must be an amqp:// or amqps:// URL`);
  }
  const host = textOf(options, 'host') ?? offline.host ?? 'localhost';
  const port = numberOf(options, 'lambdaPort') ?? offline.lambdaPort ?? 3002;
  return {
    from: module === undefined ? { broker: broker ?? DEFAULT_BROKER } : { module },
    endpoint: `http://${host}:${port}`,
    concurrency: numberOf(options, 'concurrency') ?? 1,
    stopTimeoutMs: (numberOf(options, 'stopTimeout') ?? DEFAULT_STOP_TIMEOUT_SECONDS) * 1000,
  };
}

/** An empty text counts as missing, so that `${env:BROKER_URL, ''}` can be written. */
function textOf(options: Record<string, unknown>, name: string): string | undefined {
  const value = options[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string') return value;
  throw new ConfigurationError(`${PLACE}.${name} must be a text`);
}

/** Numbers that come from `${env:…}` are texts. */
function numberOf(options: Record<string, unknown>, name: string): number | undefined {
  const value = options[name];
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new ConfigurationError(`${PLACE}.${name} must be a whole number above 0`);
}
