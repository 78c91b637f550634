import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decideRange } from '../../functions/gateway/byte-range.ts';
import { listen, listenByEvents, setting } from './listen.ts';

export async function createReadStreams(): Promise<Server> {
  const path = setting('PLAIN_PATH');
  const { size } = await stat(path);
  return await servePiped(size, (start, end) => createReadStream(path, { start, end: end - 1 }));
}

export async function gridfsDownloadStreams(): Promise<Server> {
  const { GridFSBucket, MongoClient } = await import('mongodb');
  const client = new MongoClient(setting('FILES_URL'));
  const bucket = new GridFSBucket(client.db(), { bucketName: 'mp3s' });
  const filename = setting('PLAIN_PATH');
  const [found] = await bucket.find({ filename }).toArray();
  if (found === undefined) throw new Error(`there is no ${filename}`);
  return await servePiped(found.length, (start, end) =>
    bucket.openDownloadStream(found._id, { start, end }),
  );
}

/** The least that a function can do: it opens the file, reads the range and closes it. */
export async function readsByEvents(): Promise<Server> {
  const path = setting('PLAIN_PATH');
  const { size } = await stat(path);
  return await listenByEvents(async ({ headers }) => {
    const { status, start, end } = wanted(headers['range'], size);
    const file = await open(path);
    const bytes = Buffer.allocUnsafe(end - start);
    await file.read(bytes, 0, bytes.length, start);
    await file.close();
    const body = bytes.toString('base64');
    const described = headersOf(status, start, end, size);
    return { statusCode: status, headers: described, body, isBase64Encoded: true };
  });
}

/** What one writes who writes no more than is needed: the same headers, a pipe. */
function servePiped(
  sizeBytes: number,
  read: (start: number, end: number) => Readable,
): Promise<Server> {
  return listen(async ({ headers }, response) => {
    const { status, start, end } = wanted(headers.range, sizeBytes);
    response.writeHead(status, headersOf(status, start, end, sizeBytes));
    await pipeline(read(start, end), response);
  });
}

function wanted(range: string | undefined, sizeBytes: number) {
  const decision = decideRange({ range }, { sizeBytes, etag: '"x"' });
  const { start, end } = decision.status === 206 ? decision.range : { start: 0, end: sizeBytes };
  return { status: decision.status, start, end };
}

function headersOf(status: number, start: number, end: number, sizeBytes: number) {
  return {
    'content-type': 'audio/mpeg',
    'content-length': end - start,
    ...(status === 206 && { 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` }),
  };
}
