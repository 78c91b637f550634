import { open } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FileStore } from '@tus/file-store';
import { Server as TusServer } from '@tus/server';
import { toRequest } from '../../src/lambda/http.ts';
import { listen, listenByEvents, setting } from './listen.ts';

const CHUNK_BYTES = 1024 * 1024;

export function tusFileStore(): Promise<Server> {
  const tus = tusServer(new FileStore({ directory: setting('PLAIN_PATH') }));
  return listen((request, response) => tus.handle(request, response));
}

/** Behind the events of Lambda, and every part on the disk before it is answered. */
export function tusFileStoreByEvents(): Promise<Server> {
  const tus = tusServer(new SyncedFileStore({ directory: setting('PLAIN_PATH') }));
  return listenByEvents(async (event) => {
    const response = await tus.handleWeb(toRequest(event));
    const headers = Object.fromEntries(response.headers);
    return { statusCode: response.status, headers, body: await response.text() };
  });
}

/** The driver's own stream, a file by one request. */
export async function gridfsUploadStreams(): Promise<Server> {
  const { GridFSBucket, MongoClient } = await import('mongodb');
  const client = new MongoClient(setting('FILES_URL'), { writeConcern: { w: 'majority' } });
  const options = { bucketName: 'mp3s', chunkSizeBytes: CHUNK_BYTES };
  const bucket = new GridFSBucket(client.db(), options);
  return await listen(async (request, response) => {
    if (request.method === 'DELETE') {
      const filename = request.url?.slice(1) ?? '';
      for await (const { _id } of bucket.find({ filename })) await bucket.delete(_id);
      response.writeHead(204).end();
      return;
    }
    const filename = crypto.randomUUID();
    await pipeline(request, bucket.openUploadStream(filename));
    response.writeHead(201, { location: `/${filename}` }).end();
  });
}

function tusServer(datastore: FileStore): TusServer {
  return new TusServer({ path: '/', datastore, relativeLocation: true });
}

class SyncedFileStore extends FileStore {
  override async write(...given: Parameters<FileStore['write']>): Promise<number> {
    const offset = await super.write(...given);
    const file = await open(join(this.directory, given[1]), 'r+');
    await file.sync();
    await file.close();
    return offset;
  }
}
