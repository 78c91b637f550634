import { QUEUES } from '../../src/domain/messages.ts';
import type { DeadLetter } from '../../src/ports/queue.ts';
import { conversionIdOf, queueNamed } from './queue-name.ts';
import type { Stores } from './stores.ts';
import { duration } from './table.ts';

/** As many as somebody reads. */
const MAX_SHOWN = 100;

/** `ops dead [<queue>]`: each message that was given up, why, and what has become of its conversion. */
export async function showDead(stores: Stores, word: string | undefined): Promise<number> {
  const queues = word === undefined ? QUEUES : [queueNamed(word)];
  for (const queue of queues) {
    const letters = await stores.queue.deadLetters(queue, MAX_SHOWN);
    const more = letters.length === MAX_SHOWN ? ' or more' : '';
    console.log(`${queue}: ${letters.length}${more} dead`);
    for (const letter of letters) console.log(await description(stores, letter));
    if (letters.length > 0) {
      console.log(`  When the cause is mended: npm run ops -- redrive ${queue}`);
    }
  }
  return 0;
}

async function description(stores: Stores, letter: DeadLetter): Promise<string> {
  const { messageId = 'without an id', reason = 'no reason given', diedAt } = letter;
  const age = diedAt ? `${duration(Date.now() - diedAt.getTime())} ago` : 'at an unknown time';
  const tries = `after ${letter.failedAttempts} failed attempts`;
  return [
    `  ${messageId}`,
    `    died ${age}, ${tries}: ${reason}`,
    `    ${await stateOf(stores, letter)}`,
  ].join('\n');
}

async function stateOf({ conversions }: Stores, letter: DeadLetter): Promise<string> {
  const id = conversionIdOf(letter);
  if (id === undefined) return 'not a message of Soundlift';
  const conversion = await conversions.find(id);
  if (conversion === undefined) return `conversion ${id}: removed`;
  const { state, error } = conversion;
  return `conversion ${id}: ${state}${error ? ` (${error.code})` : ''}`;
}
