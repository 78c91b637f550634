import { SoundliftError } from '../domain/errors.ts';
import { decodeMessage, type Message, RETRY_DELAYS_MS } from '../domain/messages.ts';
import type { Logger } from '../logger.ts';
import type { Delivery, Queue } from '../ports/queue.ts';
import { deliveriesOf } from './rabbitmq-event.ts';
import { isSqsEvent, type SqsDelivery, sqsDeliveriesOf } from './sqs-event.ts';
import type { LambdaHandler } from './wrap.ts';

export interface ConsumerDeps {
  readonly queue: Queue;
  readonly logger: Logger;
}

export interface Consumer {
  /**
   * Handles one message and says what became of it, for the log. Called again, it must do no harm.
   *
   * @param timeLeftMs until the function is ended by force
   */
  handle(message: Message, timeLeftMs: number): Promise<string>;
  /** Called before a message is dead-lettered: the last chance to tell somebody. */
  giveUp?(message: Message): Promise<void>;
}

/** What is to stay in SQS of a batch; of one of RabbitMQ nothing can be said. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * A function that `aws:rmq` or `aws:sqs` events trigger. Amazon MQ's event source knows only the whole
 * batch, and redelivers one that throws for ever, so every message is settled here: done, to be tried
 * later, or dead. Only when that hand-over is not confirmed either does the message stay where it is:
 * of RabbitMQ by an error, of SQS by a partial batch response.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function createConsumer(
  deps: ConsumerDeps,
  consumer: Consumer,
): LambdaHandler<unknown, BatchResponse | undefined> {
  return async (event, context) => {
    const settled = (delivery: Delivery) =>
      settle(deps, consumer, delivery, context.getRemainingTimeInMillis());
    if (isSqsEvent(event)) return settleEach(deps, sqsDeliveriesOf(event), settled);
    for (const delivery of deliveriesOf(event)) await settled(delivery);
    return undefined;
  };
}

async function settleEach(
  deps: ConsumerDeps,
  batch: readonly SqsDelivery[],
  settled: (delivery: Delivery) => Promise<void>,
): Promise<BatchResponse> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { delivery, itemIdentifier } of batch) {
    try {
      await settled(delivery);
    } catch (error) {
      const { queue, messageId } = delivery;
      deps.logger.error({ queue, messageId, err: error }, 'message stays where it is');
      batchItemFailures.push({ itemIdentifier });
    }
  }
  return { batchItemFailures };
}

async function settle(
  deps: ConsumerDeps,
  consumer: Consumer,
  delivery: Delivery,
  timeLeftMs: number,
): Promise<void> {
  const { queue, messageId, failedAttempts } = delivery;
  const logger = deps.logger.child({ queue, messageId, failedAttempts });
  let message: Message | undefined;
  try {
    message = decodeMessage(delivery.body);
    const outcome = await consumer.handle(message, timeLeftMs);
    logger.info({ conversionId: message.conversionId, outcome }, 'message handled');
  } catch (error) {
    const conversionId = message?.conversionId;
    if (mayPass(error) && failedAttempts < RETRY_DELAYS_MS.length) {
      logger.warn({ conversionId, err: error }, 'message will be tried again');
      await deps.queue.retryLater(delivery);
      return;
    }
    logger.error({ conversionId, err: error }, 'message is dead-lettered');
    if (message !== undefined) await consumer.giveUp?.(message);
    await deps.queue.deadLetter(delivery, reasonOf(error));
  }
}

/** Errors that nobody foresaw are tried again as well: what they say of the next time is not known. */
function mayPass(error: unknown): boolean {
  return !(error instanceof SoundliftError) || error.retry === 'later';
}

function reasonOf(error: unknown): string {
  return error instanceof SoundliftError ? `${error.code}: ${error.message}` : String(error);
}
