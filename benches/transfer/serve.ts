/**
 * A server that gives one file, in a process of its own, started by server-process.ts:
 * `node serve.ts <kind>`. Its port goes to whoever started it.
 */
import '../../scripts/start/exit-with-parent.mjs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { decideRange } from '../../functions/gateway/byte-range.ts';
import {
  installAwslambda,
  serveFunctionUrl,
  toContext,
  toEvent,
} from '../../scripts/start/function-url.ts';

// What only one kind needs is imported by it: memory is measured.
const KINDS: Readonly<Record<string, () => Promise<Server>>> = {
  stream: async () => {
    installAwslambda();
    const { handler } = await import('../../functions/gateway/stream.ts');
    return await serveFunctionUrl(handler, 0);
  },
  gateway: async () => {
    const { createHandler } = await import('../../functions/gateway/handler.ts');
    const { composeGateway } = await import('../../src/compose.ts');
    const { gatewayConfig, readConfig } = await import('../../src/config.ts');
    const { sendResult } = await import('../../tests/support/http-event.ts');
    const handler = createHandler(await composeGateway(readConfig(gatewayConfig)));
    return await listen(async (request, response) => {
      const id = crypto.randomUUID();
      sendResult(response, await handler(toEvent(request, id), toContext(id)));
    });
  },
  'plain-disk': async () => {
    const { createReadStream } = await import('node:fs');
    const { stat } = await import('node:fs/promises');
    const path = setting('PLAIN_PATH');
    const { size } = await stat(path);
    return await servePlain(size, (start, end) => createReadStream(path, { start, end: end - 1 }));
  },
  'plain-gridfs': async () => {
    const { GridFSBucket, MongoClient } = await import('mongodb');
    const client = new MongoClient(setting('FILES_URL'));
    const bucket = new GridFSBucket(client.db(), { bucketName: 'mp3s' });
    const filename = setting('PLAIN_PATH');
    const [found] = await bucket.find({ filename }).toArray();
    if (found === undefined) throw new Error(`there is no ${filename}`);
    return await servePlain(found.length, (start, end) =>
      bucket.openDownloadStream(found._id, { start, end }),
    );
  },
};

/** What one writes who writes no more than is needed: the same headers, a pipe. */
function servePlain(
  sizeBytes: number,
  open: (start: number, end: number) => Readable,
): Promise<Server> {
  return listen(async ({ headers }, response) => {
    const decision = decideRange({ range: headers.range }, { sizeBytes, etag: '"x"' });
    const { start, end } = decision.status === 206 ? decision.range : { start: 0, end: sizeBytes };
    response.writeHead(decision.status, {
      'content-type': 'audio/mpeg',
      'content-length': end - start,
      ...(decision.status === 206 && { 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` }),
    });
    await pipeline(open(start, end), response);
  });
}

async function listen(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function setting(name: string): string {
  return z.string().min(1).parse(process.env[name]);
}

const start = KINDS[process.argv[2] ?? ''];
if (start === undefined) throw new Error(`the kinds are: ${Object.keys(KINDS).join(', ')}`);
const address = (await start()).address();
process.send?.(typeof address === 'object' ? address?.port : undefined);
