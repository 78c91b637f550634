import { setTimeout as delay } from 'node:timers/promises';
import type { ConfirmChannel, GetMessage } from 'amqplib';
import { Unavailable } from '../../domain/errors.ts';
import { deadLetterQueueOf, type MessageName } from '../../domain/messages.ts';
import type { DeadLetter, Fate } from '../../ports/queue.ts';
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
    await giveBack(channel, queue, taken);
  }
}

/** How often it is looked for what was given back, and how long apart: a quorum queue takes a moment. */
const LOOKS = 20;
const LOOK_INTERVAL_MS = 25;

/** Waits until others can see them again, so that who looks next does not find the queue empty. */
async function giveBack(
  channel: ConfirmChannel,
  queue: MessageName,
  held: readonly GetMessage[],
): Promise<void> {
  for (const message of held) channel.nack(message, false, true);
  for (let look = 0; look < LOOKS; look += 1) {
    const { messageCount } = await channel.checkQueue(deadLetterQueueOf(queue));
    if (messageCount >= held.length) return;
    await delay(LOOK_INTERVAL_MS);
  }
}

/**
 * One that is put back is acknowledged only after its successor is confirmed, on the channel that took
 * it: when that is lost, RabbitMQ puts everything back that was not.
 */
export async function settleDeadLetters(
  session: RabbitmqSession,
  queue: MessageName,
  decide: (letter: DeadLetter) => Promise<Fate>,
  publish: (letter: DeadLetter) => Promise<void>,
): Promise<number> {
  const ask = <T>(work: (channel: ConfirmChannel) => Promise<T>) =>
    session.run(work).catch(unavailable);
  const deadQueue = deadLetterQueueOf(queue);
  // What dies again while this works is not looked at twice.
  const { messageCount } = await ask((channel) => channel.checkQueue(deadQueue));
  const held: GetMessage[] = [];
  let settled = 0;
  try {
    for (let looked = 0; looked < messageCount; looked += 1) {
      const message = await ask((channel) => channel.get(deadQueue));
      if (message === false) break;
      held.push(message);
      const letter = letterOf(queue, message);
      const fate = await decide(letter);
      if (fate === 'keep') continue;
      if (fate === 'redrive') await publish(letter);
      held.pop();
      settled += 1;
      await ask(async (channel) => channel.ack(message));
    }
  } finally {
    // Fails only with the session, and with it goes everything that is held.
    await session.run((channel) => giveBack(channel, queue, held)).catch(() => undefined);
  }
  return settled;
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
