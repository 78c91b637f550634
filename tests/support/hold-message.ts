/**
 * A process that receives from an embedded queue and never settles, so that a test can kill it:
 * `node hold-message.ts '{ "path": …, "queue": … }'`. Says `held` when it has a message.
 */
import { createEmbeddedSource } from '../../src/adapters/queue/embedded-source.ts';

const { path, queue } = JSON.parse(process.argv[2] ?? '');
const { signal } = new AbortController();
const options = { queue, virtualHost: '/', batchSize: 10, windowMs: 0, signal };

await createEmbeddedSource({ path }).receive(options);
process.stdout.write('held\n');
setInterval(() => undefined, 60_000);
