/**
 * `npm run prepare:stores`: what a deployment does not do. Brings the users' tables of USERS_URL up to
 * date and declares the queues of QUEUE_URL. `npm start` does so by itself.
 */
import { prepareStores } from './start/prepare-stores.ts';

try {
  await prepareStores({
    USERS_URL: process.env['USERS_URL'] ?? '',
    QUEUE_URL: process.env['QUEUE_URL'] ?? '',
  });
  console.log('The stores are ready.');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
