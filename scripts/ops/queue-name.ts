import { decodeMessage, type MessageName, QUEUES } from '../../src/domain/messages.ts';
import type { DeadLetter } from '../../src/ports/queue.ts';

/** Also of `video.uploaded.dead`. @throws {Error} that names the queues there are */
export function queueNamed(word: string): MessageName {
  const name = QUEUES.find((queue) => queue === word.replace(/\.dead$/, ''));
  if (name === undefined) {
    throw new Error(`There is no queue ${word}; there are ${QUEUES.join(', ')}.`);
  }
  return name;
}

/** `undefined` when the message is none of Soundlift's. */
export function conversionIdOf({ body }: DeadLetter): string | undefined {
  try {
    return decodeMessage(body).conversionId;
  } catch {
    return undefined;
  }
}
