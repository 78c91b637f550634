import { isOwedMail, isUnderWay } from '../../src/domain/conversion.ts';
import type { DeadLetter } from '../../src/ports/queue.ts';
import { conversionIdOf, queueNamed } from './queue-name.ts';
import type { Stores } from './stores.ts';

/**
 * `ops discard <queue> --id <id>`: a dead letter is removed. That loses no upload: what is to be done stands
 * in the record, and *janitor* asks for it again.
 *
 * @returns 1 when there was no such dead letter
 */
export async function discard(
  stores: Stores,
  word: string,
  messageId: string | undefined,
): Promise<number> {
  const queue = queueNamed(word);
  if (messageId === undefined) {
    throw new Error(
      `Say which: npm run ops -- discard ${queue} --id <id>. See them: npm run ops -- dead ${queue}`,
    );
  }
  const count = await stores.queue.settleDeadLetters(queue, async (letter) => {
    if (letter.messageId !== messageId) return 'keep';
    console.log(`${messageId} is removed: ${await consequenceOf(stores, letter)}.`);
    return 'discard';
  });
  if (count > 0) return 0;
  console.log(
    `${queue} has no dead letter with the id ${messageId}. See them: npm run ops -- dead ${queue}`,
  );
  return 1;
}

async function consequenceOf({ conversions }: Stores, letter: DeadLetter): Promise<string> {
  const id = conversionIdOf(letter);
  if (id === undefined) return 'it was no message of Soundlift';
  const conversion = await conversions.find(id);
  if (conversion === undefined) return `its conversion ${id} has been removed`;
  const isPending =
    letter.queue === 'video.uploaded' ? isUnderWay(conversion) : isOwedMail(conversion);
  const what = `its conversion ${id} is ${conversion.state}`;
  return isPending ? `${what}, and janitor asks for it again within some hours` : what;
}
