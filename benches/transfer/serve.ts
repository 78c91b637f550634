/**
 * A server that gives or takes files, in a process of its own, started by server-process.ts:
 * `node serve.ts <kind>`. Its port goes to whoever started it.
 */
import '../../scripts/start/exit-with-parent.mjs';
import type { Server } from 'node:http';
import type { ServerKind } from './server-process.ts';

// What only one kind needs is imported by it: memory is measured.
const KINDS: Readonly<Record<ServerKind, () => Promise<Server>>> = {
  stream: async () => {
    const functionUrl = await import('../../scripts/start/function-url.ts');
    functionUrl.installAwslambda();
    const { handler } = await import('../../functions/gateway/stream.ts');
    return await functionUrl.serveFunctionUrl(handler, 0);
  },
  gateway: async () => {
    const { createHandler } = await import('../../functions/gateway/handler.ts');
    const { composeGateway } = await import('../../src/compose.ts');
    const { gatewayConfig } = await import('../../src/config.ts');
    const { readConfig } = await import('../../src/read-config.ts');
    const { listenByEvents } = await import('./listen.ts');
    return await listenByEvents(createHandler(await composeGateway(readConfig(gatewayConfig))));
  },
  'read-streams': async () => (await import('./plain-downloads.ts')).createReadStreams(),
  'reads-by-events': async () => (await import('./plain-downloads.ts')).readsByEvents(),
  'gridfs-downloads': async () => (await import('./plain-downloads.ts')).gridfsDownloadStreams(),
  'tus-file-store': async () => (await import('./plain-uploads.ts')).tusFileStore(),
  'tus-by-events': async () => (await import('./plain-uploads.ts')).tusFileStoreByEvents(),
  'gridfs-uploads': async () => (await import('./plain-uploads.ts')).gridfsUploadStreams(),
};

const kinds: Readonly<Record<string, () => Promise<Server>>> = KINDS;
const start = kinds[process.argv[2] ?? ''];
if (start === undefined) throw new Error(`the kinds are: ${Object.keys(KINDS).join(', ')}`);
const address = (await start()).address();
process.send?.(typeof address === 'object' ? address?.port : undefined);
