import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { deadLetterQueueOf, type MessageName } from '../../domain/messages.ts';
import type { DeadLetter } from '../../ports/queue.ts';
import { deathOf } from './envelope.ts';

interface Receipt {
  readonly QueueUrl: string;
  readonly ReceiptHandle: string | undefined;
}

/** A dead letter that is hidden from others until it is given back, removed, or a minute is over. */
interface TakenLetter {
  readonly letter: DeadLetter;
  readonly receipt: Receipt;
}

const HIDDEN_SECONDS = 60;
/** The most that SQS gives at once. */
const MAX_MESSAGES = 10;

/** SQS knows no looking either: what is received is hidden, so that nothing comes twice. */
export async function takeDeadLetters(
  client: SQSClient,
  queue: MessageName,
  urlOf: (queue: string) => string,
  abortSignal: AbortSignal,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<TakenLetter[]> {
  const QueueUrl = urlOf(deadLetterQueueOf(queue));
  const taken: TakenLetter[] = [];
  while (taken.length < limit) {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MessageAttributeNames: ['All'],
      MaxNumberOfMessages: Math.min(MAX_MESSAGES, limit - taken.length),
      VisibilityTimeout: HIDDEN_SECONDS,
    });
    const { Messages = [] } = await client.send(command, { abortSignal });
    if (Messages.length === 0) break;
    for (const message of Messages) {
      const receipt = { QueueUrl, ReceiptHandle: message.ReceiptHandle };
      taken.push({ letter: letterOf(queue, message), receipt });
    }
  }
  return taken;
}

export async function giveBack(
  client: SQSClient,
  taken: readonly TakenLetter[],
  abortSignal: AbortSignal,
): Promise<void> {
  for (const { receipt } of taken) {
    const command = new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 0 });
    await client.send(command, { abortSignal });
  }
}

export async function remove(
  client: SQSClient,
  receipt: Receipt,
  abortSignal: AbortSignal,
): Promise<void> {
  await client.send(new DeleteMessageCommand(receipt), { abortSignal });
}

/** The inverse of sqs-message.ts. */
function letterOf(queue: MessageName, { Body = '', MessageAttributes = {} }: Message): DeadLetter {
  const attribute = (name: string) => MessageAttributes[name]?.StringValue;
  const isBase64 = attribute('contentEncoding') === 'base64';
  const messageId = attribute('messageId');
  const names = ['x-attempts', 'x-reason', 'x-failed-at'] as const;
  return {
    queue,
    body: Buffer.from(Body, isBase64 ? 'base64' : 'utf8'),
    ...(messageId !== undefined && { messageId }),
    ...deathOf(Object.fromEntries(names.map((name) => [name, attribute(name)]))),
  };
}
