import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { redriveConversion } from '../../src/conversions/redrive-conversion.ts';
import { published } from '../../src/domain/conversion.ts';
import type { DeadLetter } from '../../src/ports/queue.ts';
import { conversionIdOf, queueNamed } from './queue-name.ts';
import type { Stores } from './stores.ts';

/**
 * `ops redrive <queue> [--id]`: the record first, then the message, which would otherwise find nothing to
 * do. Who dies in between leaves a record that owes the message, and *janitor* publishes it.
 *
 * @returns 1 when there was nothing to put back
 */
export async function redrive(
  stores: Stores,
  word: string,
  messageId: string | undefined,
): Promise<number> {
  const queue = queueNamed(word);
  const reopened: string[] = [];
  const count = await stores.queue.settleDeadLetters(queue, async (letter) => {
    if (messageId !== undefined && letter.messageId !== messageId) return 'keep';
    const { isReopened, effect, id } = await prepare(stores, letter);
    if (isReopened && id !== undefined) reopened.push(id);
    console.log(`${letter.messageId ?? 'without an id'} (conversion ${id ?? 'none'}): ${effect}`);
    return 'redrive';
  });
  for (const id of reopened) {
    await changeConversion(stores.conversions, id, (current) =>
      published(current, queue, stores.clock.now()),
    );
  }
  if (count === 0) {
    const which = messageId === undefined ? '' : ` with the id ${messageId}`;
    console.log(`${queue} has no dead letter${which}. See them: npm run ops -- dead ${queue}`);
    return 1;
  }
  console.log(`${count} put back into ${queue}, ${reopened.length} conversions begin anew.`);
  return 0;
}

async function prepare(stores: Stores, letter: DeadLetter) {
  const id = conversionIdOf(letter);
  if (id === undefined) {
    return { id, isReopened: false, effect: 'dies again, unless its function knows it by now' };
  }
  const conversion = { queue: letter.queue, conversionId: id };
  return { id, ...(await redriveConversion(stores, conversion)) };
}
