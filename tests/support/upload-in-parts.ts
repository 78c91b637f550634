import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Upload } from 'tus-js-client';
import type { SignedInClient } from './api-client.ts';

/** Uploads a file by tus, in so many parts. @returns the id of its conversion */
export async function uploadInParts(
  url: string,
  client: SignedInClient,
  path: string,
  parts: number,
): Promise<string> {
  const content = await readFile(path);
  const done = Promise.withResolvers<void>();
  const upload = new Upload(content, {
    endpoint: `${url}/api/v1/uploads`,
    chunkSize: Math.ceil(content.length / parts),
    headers: { authorization: `Bearer ${client.accessToken}` },
    metadata: { filename: basename(path), filetype: 'video/mp4' },
    retryDelays: [200, 1000, 4000],
    onError: done.reject,
    onSuccess: () => done.resolve(),
  });
  upload.start();
  await done.promise;
  return upload.url?.split('/').at(-1) ?? '';
}
