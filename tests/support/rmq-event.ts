import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { encodeMessage, type Message, type MessageName } from '../../src/domain/messages.ts';

const recordSchema = z.looseObject({
  basicProperties: z.looseObject({ headers: z.record(z.string(), z.unknown()) }),
});
const templateSchema = z.looseObject({
  rmqMessagesByQueue: z.object({ 'video.uploaded::/': z.tuple([recordSchema]) }),
});
const template = templateSchema.parse(
  JSON.parse(
    readFileSync(new URL('../events/aws-rmq/video-uploaded.json', import.meta.url), 'utf8'),
  ),
);
const [recordTemplate] = template.rmqMessagesByQueue['video.uploaded::/'];

export function someMessage(name: MessageName, conversionId: string): Message {
  const occurredAt = '2026-11-24T12:00:00.000Z';
  return { name, version: 1, id: crypto.randomUUID(), conversionId, occurredAt };
}

/** An `aws:rmq` event with one message of a queue, made from the fixture. */
export function rmqEvent(
  queue: MessageName,
  body: Message | string,
  { failedAttempts = 0 }: { readonly failedAttempts?: number } = {},
): unknown {
  const bytes = typeof body === 'string' ? Buffer.from(body) : encodeMessage(body);
  const record = {
    ...recordTemplate,
    basicProperties: {
      ...recordTemplate.basicProperties,
      headers: { 'x-attempts': failedAttempts },
    },
    data: Buffer.from(bytes).toString('base64'),
  };
  return { ...template, rmqMessagesByQueue: { [`${queue}::/`]: [record] } };
}
