import { isOwedMail, isUnderWay, isUntold } from '../../src/domain/conversion.ts';
import type { DeadLetter } from '../../src/ports/queue.ts';
import { conversionIdOf, queueNamed } from './queue-name.ts';
import type { Stores } from './stores.ts';

/** Which dead letters: the one with that id, or all that came without any, as a foreign message may. */
export interface Discarded {
  readonly id?: string | undefined;
  readonly 'without-id': boolean;
}

/**
 * `ops discard <queue> --id <id>` or `--without-id`: dead letters are removed. That loses no upload: what is
 * to be done stands in the record, and *janitor* asks for it again.
 *
 * @returns 1 when there was no such dead letter
 */
export async function discard(stores: Stores, word: string, which: Discarded): Promise<number> {
  const queue = queueNamed(word);
  if ((which.id === undefined) !== which['without-id']) {
    throw new Error(
      `Say which: npm run ops -- discard ${queue} --id <id>, or --without-id. See them: npm run ops -- dead ${queue}`,
    );
  }
  const consequences: string[] = [];
  const count = await stores.queue.settleDeadLetters(queue, async (letter) => {
    if (letter.messageId !== which.id) return 'keep';
    consequences.push(await consequenceOf(stores, letter));
    return 'discard';
  });
  const what = which.id ?? 'one without an id';
  for (const consequence of consequences.slice(0, count)) {
    console.log(`${what} is removed: ${consequence}.`);
  }
  if (count > 0) return 0;
  const those = which.id === undefined ? 'without an id' : `with the id ${which.id}`;
  console.log(`${queue} has no dead letter ${those}. See them: npm run ops -- dead ${queue}`);
  return 1;
}

async function consequenceOf({ conversions }: Stores, letter: DeadLetter): Promise<string> {
  const id = conversionIdOf(letter);
  if (id === undefined) return 'it was no message of Soundlift';
  const conversion = await conversions.find(id);
  if (conversion === undefined) return `its conversion ${id} has been removed`;
  const what = `its conversion ${id} is ${conversion.state}`;
  const isPending =
    letter.queue === 'video.uploaded' ? isUnderWay(conversion) : isOwedMail(conversion);
  if (isPending) return `${what}, and janitor asks for it again within some hours`;
  const isSilent = isUntold(conversion) && !isOwedMail(conversion);
  return isSilent
    ? `${what}, and its owner, who cannot be reached, has not been told (npm run ops -- retry ${id} tries)`
    : what;
}
