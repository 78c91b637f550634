import { existsSync } from 'node:fs';
import { composeJanitor, loadSettings } from '../../src/compose.ts';
import { janitorConfig } from '../../src/config.ts';
import { readSetting } from '../../src/read-config.ts';
import {
  dataDirectory,
  type Environment,
  embeddedEnvironment,
  loadDotEnv,
  servicesEnvironment,
} from '../start/environment.ts';
import { portSetting } from '../start/ports.ts';

/** Which stores are looked at, and by what settings. */
export interface Place {
  readonly isEmbedded: boolean;
  readonly environment: Environment;
  /** One line, without passwords. */
  readonly description: string;
}

export type Stores = Awaited<ReturnType<typeof composeJanitor>>;

const NEEDED = ['FILES_URL', 'CONVERSIONS_URL', 'QUEUE_URL'] as const;

/**
 * The services that the environment or `.env` names, as `npm run start:services` takes them; where they
 * name none, or `embedded` is asked for, what `npm start` keeps.
 *
 * @throws {Error} that says what to do when there is nothing to look at
 */
export async function findPlace(embedded: boolean): Promise<Place> {
  if (!embedded) loadDotEnv('.env');
  const url = `http://localhost:${portSetting('PORT', 3000)}`;
  const given = NEEDED.filter((name) => readSetting(process.env, name) !== undefined);
  if (!embedded && given.length > 0) {
    const environment = await servicesEnvironment(url);
    const addresses = new Set(given.map((name) => withoutSecrets(environment[name] ?? '')));
    const description = `the services of the environment and .env: ${[...addresses].join(', ')}`;
    return { isEmbedded: false, environment, description };
  }
  const directory = dataDirectory();
  if (!existsSync(directory)) {
    throw new Error(
      `There is nothing to look at: no ${directory}, and no FILES_URL, CONVERSIONS_URL and QUEUE_URL.\n` +
        'Run npm start first, set DATA_DIR to its folder, or name services in .env (docs/configuration.md).',
    );
  }
  const mailPort = portSetting('MAIL_PORT', 1025);
  const environment = await embeddedEnvironment(url, mailPort, '');
  return { isEmbedded: true, environment, description: `what npm start keeps in ${directory}` };
}

/** Opens nothing yet: every store connects with its first call. */
export async function openStores({ environment }: Place): Promise<Stores & AsyncDisposable> {
  Object.assign(process.env, environment);
  const stores = await composeJanitor(await loadSettings(janitorConfig));
  return {
    ...stores,
    async [Symbol.asyncDispose]() {
      for (const store of [stores.files, stores.conversions, stores.queue]) await store.dispose();
    },
  };
}

/** `amqp://guest:secret@host:5672/sound?shards=3` → `amqp://host:5672/sound`. */
function withoutSecrets(url: string): string {
  if (url.startsWith('{')) return 'a secret of AWS';
  const parts = URL.parse(url.replace(/^sqs:/, ''));
  if (parts === null || parts.host === '') return url;
  return `${parts.protocol}//${parts.host}${parts.pathname}`;
}
