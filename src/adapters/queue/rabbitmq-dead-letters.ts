import type { ConfirmChannel, GetMessage } from 'amqplib';
import { Unavailable } from '../../domain/errors.ts';
import { deadLetterQueueOf, type MessageName } from '../../domain/messages.ts';
import type { DeadLetter } from '../../ports/queue.ts';
import { deathOf } from './envelope.ts';
import type { RabbitmqSession } from './rabbitmq-session.ts';

/** AMQP knows no looking: what is taken is given back, and stays where it was. */
export async function readDeadLetters(
  channel: ConfirmChannel,
  queue: MessageName,
  limit: number,
): Promise<DeadLetter[]> {
  const taken: GetMessage[] = [];
  try {
    while (taken.length < limit) {
      const message = await channel.get(deadLetterQueueOf(queue));
      if (message === false) break;
      taken.push(message);
    }
    return taken.map((message) => letterOf(queue, message));
  } finally {
    for (const message of taken) channel.nack(message, false, true);
  }
}

/**
 * A message is acknowledged only after its successor is confirmed, on the channel that took it: when that
 * is lost, RabbitMQ puts everything back that was not.
 */
export async function redriveDeadLetters(
  session: RabbitmqSession,
  queue: MessageName,
  wants: (letter: DeadLetter) => Promise<boolean>,
  publish: (letter: DeadLetter) => Promise<void>,
): Promise<number> {
  const ask = <T>(work: (channel: ConfirmChannel) => Promise<T>) =>
    session.run(work).catch(unavailable);
  const deadQueue = deadLetterQueueOf(queue);
  // What dies again while this works is not looked at twice.
  const { messageCount } = await ask((channel) => channel.checkQueue(deadQueue));
  const held: GetMessage[] = [];
  let redriven = 0;
  try {
    for (let looked = 0; looked < messageCount; looked += 1) {
      const message = await ask((channel) => channel.get(deadQueue));
      if (message === false) break;
      held.push(message);
      const letter = letterOf(queue, message);
      if (!(await wants(letter))) continue;
      await publish(letter);
      held.pop();
      redriven += 1;
      await ask(async (channel) => channel.ack(message));
    }
  } finally {
    // Fails only with the session, and with it goes everything that is held.
    const giveBack = async (channel: ConfirmChannel) => {
      for (const message of held) channel.nack(message, false, true);
      // An answer to this one says that what was sent before it has come.
      await channel.checkQueue(deadQueue);
    };
    await session.run(giveBack).catch(() => undefined);
  }
  return redriven;
}

export function unavailable(cause: unknown): never {
  throw new Unavailable('queue', { cause });
}

function letterOf(queue: MessageName, { content, properties }: GetMessage): DeadLetter {
  const messageId: unknown = properties.messageId;
  return {
    queue,
    body: content,
    ...(typeof messageId === 'string' && { messageId }),
    ...deathOf(properties.headers),
  };
}
