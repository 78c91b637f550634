import type { SQSClient } from '@aws-sdk/client-sqs';
import {
  SQSClient as Client,
  CreateQueueCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { Unavailable } from '../../domain/errors.ts';
import { deadLetterQueueOf, QUEUES, RETRY_DELAYS_MS } from '../../domain/messages.ts';
import type { Queue, QueueDepth } from '../../ports/queue.ts';
import type { Envelope } from './envelope.ts';
import {
  deadLetterEnvelope,
  newEnvelope,
  redrivenEnvelope,
  retryDelayMs,
  retryEnvelope,
} from './envelope.ts';
import { giveBack, remove, takeDeadLetters } from './sqs-dead-letters.ts';
import { toSqsMessage } from './sqs-message.ts';
import { DELIVERY_LIMIT } from './topology.ts';

export interface SqsQueueOptions {
  /**
   * `sqs:https://sqs.<region>.amazonaws.com/<account>/<prefix>`: what the URLs of all queues begin with.
   * `video.uploaded` is then `<prefix>-video-uploaded`. Elsewhere than on AWS the region is that of the
   * SDK (`AWS_REGION`); credentials are always the SDK's.
   */
  readonly url: string;
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** For each answer, the SDK's own second attempt included. */
  readonly timeoutMs?: number | undefined;
}

/** How long a queue that was made here hides a message; those of a template say it themselves. */
const VISIBILITY_SECONDS = 5_400;
const FOURTEEN_DAYS_SECONDS = 1_209_600;

/**
 * Queues of Amazon SQS. On AWS the template has made them (infra/sqs.yml), and a function need not be
 * allowed to: what is missing is declared only when SQS says that it is.
 *
 * A retry is a new message with `DelaySeconds`, whole seconds and rounded up, and not the old one hidden
 * for longer: so the attempts are counted in the message, as with every other driver, and the receipt
 * stays the event source's.
 *
 * @throws {TypeError} when the URL is none of SQS
 */
export function createSqsQueue({
  url,
  retryDelaysMs = RETRY_DELAYS_MS,
  timeoutMs = 5_000,
}: SqsQueueOptions): Queue {
  const { base, region } = addressOf(url);
  const urlOf = (queue: string) => `${base}-${queue.replaceAll('.', '-')}`;
  let opened: Client | undefined;

  async function ask<T>(work: (client: Client, abortSignal: AbortSignal) => Promise<T>) {
    opened ??= new Client({ ...(region && { region }), endpoint: new URL(base).origin });
    const client = opened;
    const abortSignal = AbortSignal.timeout(timeoutMs);
    try {
      return await work(client, abortSignal).catch(async (error: unknown) => {
        if (!(error instanceof QueueDoesNotExist)) throw error;
        await declareQueues(client, urlOf, abortSignal);
        return work(client, abortSignal);
      });
    } catch (cause) {
      throw new Unavailable('queue', { cause });
    }
  }

  async function send(queue: string, envelope: Envelope, delayMs = 0): Promise<void> {
    const input = {
      QueueUrl: urlOf(queue),
      DelaySeconds: Math.ceil(delayMs / 1_000),
      ...toSqsMessage(envelope),
    };
    await ask((client, abortSignal) => client.send(new SendMessageCommand(input), { abortSignal }));
  }

  return {
    declare: () => ask((client, abortSignal) => declareQueues(client, urlOf, abortSignal)),
    publish: (message) => send(message.name, newEnvelope(message)),
    async retryLater(delivery) {
      const delayMs = retryDelayMs(delivery, retryDelaysMs);
      await send(delivery.queue, retryEnvelope(delivery), delayMs);
    },
    deadLetter: (delivery, reason) =>
      send(deadLetterQueueOf(delivery.queue), deadLetterEnvelope(delivery, reason)),
    deadLetters: (queue, limit) =>
      ask(async (client, signal) => {
        const taken = await takeDeadLetters(client, queue, urlOf, signal, limit);
        await giveBack(client, taken, signal);
        return taken.map(({ letter }) => letter);
      }),
    async settleDeadLetters(queue, decide) {
      const taken = await ask((client, signal) => takeDeadLetters(client, queue, urlOf, signal));
      const left = new Set(taken);
      let settled = 0;
      try {
        for (const dead of taken) {
          const fate = await decide(dead.letter);
          if (fate === 'keep') continue;
          if (fate === 'redrive') await send(queue, redrivenEnvelope(dead.letter));
          left.delete(dead);
          settled += 1;
          await ask((client, signal) => remove(client, dead.receipt, signal));
        }
      } finally {
        // What is not given back shows itself again when its time in hiding is over.
        await ask((client, signal) => giveBack(client, [...left], signal)).catch(() => undefined);
      }
      return settled;
    },
    async delayed() {
      const depths = await ask((client, signal) => readDepths(client, urlOf, signal));
      return depths.reduce((sum, depth) => sum + (depth.delayed ?? 0), 0);
    },
    depths: () => ask((client, signal) => readDepths(client, urlOf, signal)),
    async ping() {
      const [queue = ''] = QUEUES;
      await ask((client, abortSignal) => attributesOf(client, urlOf(queue), abortSignal));
    },
    async dispose() {
      opened?.destroy();
      opened = undefined;
    },
  };
}

type UrlOf = (queue: string) => string;

/** Dead letters first: a queue names its own by ARN. */
async function declareQueues(client: SQSClient, urlOf: UrlOf, abortSignal: AbortSignal) {
  await Promise.all(
    QUEUES.map(async (queue) => {
      const deadLetterTargetArn = await declareQueue(
        client,
        urlOf(deadLetterQueueOf(queue)),
        { MessageRetentionPeriod: String(FOURTEEN_DAYS_SECONDS) },
        abortSignal,
      );
      // A message that has been received more often than this is moved; it was seen once more than
      // it was returned.
      const maxReceiveCount = DELIVERY_LIMIT + 1;
      const attributes = {
        MessageRetentionPeriod: String(FOURTEEN_DAYS_SECONDS),
        VisibilityTimeout: String(VISIBILITY_SECONDS),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
      };
      await declareQueue(client, urlOf(queue), attributes, abortSignal);
    }),
  );
}

/** Leaves one that is there as it is, since CreateQueue refuses any difference. Resolves with its ARN. */
async function declareQueue(
  client: SQSClient,
  queueUrl: string,
  attributes: Record<string, string>,
  abortSignal: AbortSignal,
): Promise<string> {
  const QueueName = queueUrl.slice(queueUrl.lastIndexOf('/') + 1);
  const read = () => attributesOf(client, queueUrl, abortSignal);
  const { QueueArn } = await read().catch(async (error: unknown) => {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    await client.send(new CreateQueueCommand({ QueueName, Attributes: attributes }), {
      abortSignal,
    });
    return read();
  });
  if (QueueArn === undefined) throw new Error(`SQS does not tell the ARN of ${QueueName}`);
  return QueueArn;
}

function readDepths(client: SQSClient, urlOf: UrlOf, signal: AbortSignal): Promise<QueueDepth[]> {
  return Promise.all(QUEUES.map((queue) => depthOf(client, queue, urlOf, signal)));
}

async function depthOf(
  client: SQSClient,
  queue: QueueDepth['queue'],
  urlOf: UrlOf,
  abortSignal: AbortSignal,
): Promise<QueueDepth> {
  const [live, dead] = await Promise.all([
    attributesOf(client, urlOf(queue), abortSignal),
    attributesOf(client, urlOf(deadLetterQueueOf(queue)), abortSignal),
  ]);
  return {
    queue,
    ready: Number(live.ApproximateNumberOfMessages),
    inFlight: Number(live.ApproximateNumberOfMessagesNotVisible),
    delayed: Number(live.ApproximateNumberOfMessagesDelayed ?? 0),
    dead: Number(dead.ApproximateNumberOfMessages),
  };
}

async function attributesOf(client: SQSClient, QueueUrl: string, abortSignal: AbortSignal) {
  const AttributeNames = [
    'QueueArn' as const,
    'ApproximateNumberOfMessages' as const,
    'ApproximateNumberOfMessagesNotVisible' as const,
    'ApproximateNumberOfMessagesDelayed' as const,
  ];
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames });
  const { Attributes = {} } = await client.send(command, { abortSignal });
  return Attributes;
}

function addressOf(url: string): { readonly base: string; readonly region: string | undefined } {
  const base = url.replace(/^sqs:/, '');
  const parts = URL.parse(base);
  const isQueueUrl = /^\/[0-9]{12}\/[A-Za-z0-9_-]{1,55}$/.test(parts?.pathname ?? '');
  if (parts === null || !/^https?:$/.test(parts.protocol) || !isQueueUrl) {
    throw new TypeError('not a URL like sqs:https://sqs.<region>.amazonaws.com/<account>/<prefix>');
  }
  const [, region] = parts.hostname.match(/^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/) ?? [];
  return { base, region };
}
