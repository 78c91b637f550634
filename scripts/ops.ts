/** `npm run ops -- …`: what somebody needs who looks after the service. docs/runbook.md says when. */
import { type Discarded, discard } from './ops/discard.ts';
import { doctor } from './ops/doctor.ts';
import { orphans } from './ops/orphans.ts';
import { redrive } from './ops/redrive.ts';
import { retry } from './ops/retry.ts';
import { showConversion } from './ops/show-conversion.ts';
import { showDead } from './ops/show-dead.ts';
import { showQueues } from './ops/show-queues.ts';
import { findPlace, openStores, type Place, type Stores } from './ops/stores.ts';
import { runScript } from './start/run-script.ts';

const HELP = `Looks after a service that runs.

  npm run ops -- doctor                       what is wrong, and what to do about it
  npm run ops -- queues                       how many messages are where
  npm run ops -- dead [<queue>]               messages that were given up, and why
  npm run ops -- redrive <queue> [--id <id>]  puts them back, or one of them
  npm run ops -- discard <queue> --id <id>    removes one of them for good
  npm run ops -- discard <queue> --without-id removes those that came without one
  npm run ops -- conversion <id>              the whole history of one, its files, what comes next
  npm run ops -- retry <id>                   does now what should come next for a conversion
  npm run ops -- orphans [--remove]           files that no record names

It looks at the services that .env or the environment names, as npm run start:services does, and
where they name none, or with --embedded, at what npm start keeps in DATA_DIR. See docs/runbook.md.`;

interface Wish extends Discarded {
  readonly remove: boolean;
}
type Command = (stores: Stores, word: string | undefined, wish: Wish) => Promise<number>;

const COMMANDS: Record<string, Command> = {
  queues: (stores) => showQueues(stores),
  dead: (stores, queue) => showDead(stores, queue),
  redrive: (stores, queue, { id }) => redrive(stores, expectWord(queue, 'redrive <queue>'), id),
  discard: (stores, queue, wish) =>
    discard(stores, expectWord(queue, 'discard <queue> --id <id>'), wish),
  retry: (stores, id) => retry(stores, expectWord(id, 'retry <id>')),
  conversion: (stores, id) => showConversion(stores, expectWord(id, 'conversion <id>')),
  orphans: (stores, _word, { remove }) => orphans(stores, remove),
};

await runScript({
  help: HELP,
  options: {
    id: { type: 'string' },
    'without-id': { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
    embedded: { type: 'boolean', default: false },
  },
  takesWords: true,
  async run({ embedded, ...wish }, [name = '', word, ...rest]) {
    const command = COMMANDS[name];
    if ((command === undefined && name !== 'doctor') || rest.length > 0) {
      throw new Error(`${name === '' ? 'A command is needed' : 'No such command'}.\n\n${HELP}`);
    }
    const place = await findPlace(embedded);
    console.log(`Looking at ${place.description}.\n`);
    return command === undefined ? await doctor(place) : await run(command, place, word, wish);
  },
});

async function run(
  command: Command,
  place: Place,
  word: string | undefined,
  wish: Wish,
): Promise<number> {
  await using stores = await openStores(place);
  return await command(stores, word, wish);
}

function expectWord(word: string | undefined, usage: string): string {
  if (word === undefined) throw new Error(`It is npm run ops -- ${usage}`);
  return word;
}
