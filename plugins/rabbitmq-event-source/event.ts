import type { SourceMessage, SourceMessageProperties } from './source.ts';

/** The largest request that Lambda takes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024;
/** Leaves room for what surrounds the records of an event: the ARN, the queue's and the virtual host's names. */
export const RECORDS_LIMIT_BYTES = PAYLOAD_LIMIT_BYTES - 1024;
/** Base64 makes 4 bytes of 3, and headers, which a frame of 128 KiB holds, become a few times as long. */
const SURELY_SMALL_BYTES = 3 * 1024 * 1024;

type HeaderValue =
  | null
  | boolean
  | number
  | string
  | readonly HeaderValue[]
  | { readonly [name: string]: HeaderValue };

/** One message as a function sees it. What the publisher did not set is null. */
interface RabbitmqRecord {
  readonly basicProperties: {
    readonly contentType: string | null;
    readonly contentEncoding: string | null;
    readonly headers: Readonly<Record<string, HeaderValue>> | null;
    readonly deliveryMode: number | null;
    readonly priority: number | null;
    readonly correlationId: string | null;
    readonly replyTo: string | null;
    readonly expiration: string | null;
    readonly messageId: string | null;
    /** Like `Jan 1, 1970, 12:33:41 AM`, in UTC. */
    readonly timestamp: string | null;
    readonly type: string | null;
    readonly userId: string | null;
    readonly appId: string | null;
    readonly clusterId: string | null;
    readonly bodySize: number;
  };
  readonly redelivered: boolean;
  /** The body in base64. */
  readonly data: string;
}

/** What Amazon MQ hands to a function: https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html */
export interface RabbitmqEvent {
  readonly eventSource: 'aws:rmq';
  readonly eventSourceArn: string;
  /** By `<queue>::<virtual host>`; an event has one such key. */
  readonly rmqMessagesByQueue: Readonly<Record<string, readonly RabbitmqRecord[]>>;
}

/** Builds the event of one batch. */
export function createEvent(
  mapping: { readonly arn: string; readonly queue: string; readonly virtualHost: string },
  messages: readonly SourceMessage[],
): RabbitmqEvent {
  return {
    eventSource: 'aws:rmq',
    eventSourceArn: mapping.arn,
    rmqMessagesByQueue: { [`${mapping.queue}::${mapping.virtualHost}`]: messages.map(toRecord) },
  };
}

/** The size of a message within an event's JSON, found without encoding its body. */
export function recordSizeBytes({ properties, body, redelivered }: SourceMessage): number {
  const withoutBody = toRecord({ properties, body: new Uint8Array(), redelivered });
  const bodySizeDigits = String(body.length).length;
  const base64Length = 4 * Math.ceil(body.length / 3);
  return Buffer.byteLength(JSON.stringify(withoutBody)) + bodySizeDigits + base64Length;
}

/** Whether an event with nothing but this message is more than Lambda takes. */
export function isTooLarge(message: SourceMessage): boolean {
  return message.body.length > SURELY_SMALL_BYTES && recordSizeBytes(message) > RECORDS_LIMIT_BYTES;
}

function toRecord({ properties, body, redelivered }: SourceMessage): RabbitmqRecord {
  return {
    basicProperties: toBasicProperties(properties, body.length),
    redelivered,
    data: Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64'),
  };
}

function toBasicProperties(
  properties: SourceMessageProperties,
  bodySize: number,
): RabbitmqRecord['basicProperties'] {
  const { headers, timestamp } = properties;
  return {
    contentType: properties.contentType ?? null,
    contentEncoding: properties.contentEncoding ?? null,
    headers: headers === undefined ? null : toTable(headers),
    deliveryMode: properties.deliveryMode ?? null,
    priority: properties.priority ?? null,
    correlationId: properties.correlationId ?? null,
    replyTo: properties.replyTo ?? null,
    expiration: properties.expiration ?? null,
    messageId: properties.messageId ?? null,
    timestamp: timestamp === undefined ? null : printTimestamp(timestamp),
    type: properties.type ?? null,
    userId: properties.userId ?? null,
    appId: properties.appId ?? null,
    clusterId: properties.clusterId ?? null,
    bodySize,
  };
}

function toTable(table: Readonly<Record<string, unknown>>): Record<string, HeaderValue> {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name, toHeaderValue(value)]),
  );
}

/**
 * The documented sample shows two kinds of header: a string as `{ bytes }` and a number. The rest
 * follows from what made it: Gson over the objects of RabbitMQ's Java client, where a string is an
 * object with one field `bytes` (https://github.com/rabbitmq/rabbitmq-java-client/issues/83).
 */
function toHeaderValue(value: unknown): HeaderValue {
  if (typeof value === 'string') return { bytes: toJavaBytes(Buffer.from(value, 'utf8')) };
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Uint8Array) return toJavaBytes(value);
  if (Array.isArray(value)) return value.map(toHeaderValue);
  if (isTable(value)) return '!' in value ? toTypedValue(value) : toTable(value);
  return null;
}

/** amqplib marks the types that JavaScript has no value for with `!`. */
function toTypedValue({ '!': type, value }: Readonly<Record<string, unknown>>): HeaderValue {
  if (type === 'timestamp' && typeof value === 'number') return printTimestamp(value);
  if (type === 'decimal' && isTable(value)) {
    return Number(value['digits']) / 10 ** Number(value['places']);
  }
  return toHeaderValue(value);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Java's bytes are signed, and so is what Gson prints: 0xc3 is -61. `Buffer.from` takes both. */
function toJavaBytes(bytes: Uint8Array): number[] {
  return [...Int8Array.from(bytes)];
}

const javaDate = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  timeZone: 'UTC',
});

/** Foreign publishers may write another unit, and what no date is has none here. */
function printTimestamp(seconds: number): string | null {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  // Some versions of ICU put a narrow no-break space before AM; the documented sample does not.
  return javaDate.format(date).replace(/\s/g, ' ');
}
