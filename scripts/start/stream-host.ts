/**
 * The streaming function behind a URL of this machine, in a process of its own: `scripts/start.ts`
 * starts it with its settings as environment, and says where by STREAM_PORT.
 */
import './exit-with-parent.mjs';
import { installAwslambda, serveFunctionUrl } from './function-url.ts';
import { portSetting } from './ports.ts';

installAwslambda();
const { handler } = await import('../../functions/gateway/stream.ts');
const server = await serveFunctionUrl(handler, portSetting('STREAM_PORT', 3001));
process.send?.('ready');

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
