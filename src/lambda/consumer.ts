import { SoundliftError } from '../domain/errors.ts';
import { decodeMessage, type Message, RETRY_DELAYS_MS } from '../domain/messages.ts';
import type { Logger } from '../logger.ts';
import type { Delivery, Queue } from '../ports/queue.ts';
import { deliveriesOf } from './rabbitmq-event.ts';
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

/**
 * A function that `aws:rmq` events trigger. Amazon MQ's event source knows only the whole batch, and
 * redelivers one that throws for ever, so every message is settled here: done, to be tried later, or
 * dead. Only when that hand-over is not confirmed either does the function throw.
 */
export function createConsumer(
  deps: ConsumerDeps,
  consumer: Consumer,
): LambdaHandler<unknown, void> {
  return async (event, context) => {
    for (const delivery of deliveriesOf(event)) {
      await settle(deps, consumer, delivery, context.getRemainingTimeInMillis());
    }
  };
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
