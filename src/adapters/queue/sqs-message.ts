import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Envelope } from './envelope.ts';

/** What SendMessage takes of a message; src/lambda/sqs-event.ts reads it back. */
export interface SqsMessage {
  readonly MessageBody: string;
  readonly MessageAttributes: Record<string, MessageAttributeValue>;
}

/**
 * SQS takes only text of these characters, and not an empty one:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const REFUSED = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/**
 * The properties of an envelope become attributes, the headers among them: nine at the most, of the
 * ten that SQS allows. A body that is not text that SQS takes travels as base64, and says so.
 */
export function toSqsMessage({ body, properties }: Envelope): SqsMessage {
  const { headers, contentType, appId, type, messageId, timestamp } = properties;
  const text = textOf(body);
  const values = {
    contentType,
    appId,
    type,
    messageId,
    timestamp,
    ...headers,
    contentEncoding: text === undefined ? 'base64' : undefined,
  };
  return {
    MessageBody: text ?? (Buffer.from(body).toString('base64') || '='),
    MessageAttributes: Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => {
        const attribute = attributeOf(value);
        return attribute === undefined ? [] : [[name, attribute] as const];
      }),
    ),
  };
}

function textOf(body: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return text === '' || REFUSED.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function attributeOf(value: string | number | undefined): MessageAttributeValue | undefined {
  if (typeof value === 'number') return { DataType: 'Number', StringValue: String(value) };
  // A reason may quote anything, as what a program has printed.
  const text = value?.replace(new RegExp(REFUSED.source, 'gu'), '\u{fffd}');
  return text ? { DataType: 'String', StringValue: text } : undefined;
}
