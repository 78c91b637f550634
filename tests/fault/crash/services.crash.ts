import { randomBytes } from 'node:crypto';
import { afterAll, test } from 'vitest';
import { declareEnumeration } from './declare-enumeration.ts';
import { servicesWorld } from './services-world.ts';

const amqp = process.env['TEST_RABBITMQ_URL'];
const api = process.env['TEST_RABBITMQ_API_URL'];
const mongodb = process.env['TEST_MONGODB_URL'];

if (amqp && api && mongodb) {
  const vhost = `soundlift-test-crash-${randomBytes(4).toString('hex')}`;
  await manage(api, 'PUT', `/vhosts/${vhost}`, {});
  await manage(api, 'PUT', `/permissions/${vhost}/guest`, {
    configure: '.*',
    write: '.*',
    read: '.*',
  });
  afterAll(() => manage(api, 'DELETE', `/vhosts/${vhost}`));
  const url = new URL(amqp);
  url.pathname = `/${vhost}`;
  await declareEnumeration(await servicesWorld(mongodb, { url: url.href }));
} else if (process.env['REQUIRE_SERVICES'] === '1') {
  throw new Error('no RabbitMQ and MongoDB: node scripts/services.ts run -- npm run test:fault');
} else {
  test.skip('on services (skipped: TEST_RABBITMQ_URL and TEST_MONGODB_URL are not set)');
}

async function manage(apiUrl: string, method: string, path: string, body?: object) {
  const { origin, username, password } = new URL(apiUrl);
  const response = await fetch(`${origin}/api${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
}
