import { createEmbeddedSource } from '../../src/adapters/queue/embedded-source.ts';

/** Feeds the embedded queue's messages to the functions, in RabbitMQ's place. */
export default async function createSource() {
  const path = (process.env['QUEUE_URL'] ?? '').replace(/^embedded:/, '');
  return createEmbeddedSource({ path });
}
