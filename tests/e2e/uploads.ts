import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Upload, type UploadOptions } from 'tus-js-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileStore } from '../../src/ports/file-store.ts';
import { type SignedInClient, signedInClient } from '../support/api-client.ts';
import type { HeldFfmpeg } from '../support/held-ffmpeg.ts';
import { mailsTo } from '../support/mailbox.ts';
import { decodedDurationSeconds, sample } from '../support/media.ts';
import { tempDir } from '../support/temp-dir.ts';

export interface UploadsHost {
  readonly url: string;
  readonly mailUrl: string;
  /** The store that the service keeps its videos in. */
  readonly files: FileStore;
  /** The ffmpeg that it converts by. */
  readonly ffmpeg: HeldFfmpeg;
  /** SIGKILL to the service, and a new one at the same place. */
  restart(): Promise<void>;
}

const PATIENCE = { timeout: 60_000, interval: 200 };
const MIB = 1024 * 1024;

/** Uploads in parts as clients make them, against a service that runs in other processes. */
export function declareUploads(host: () => UploadsHost): void {
  const endpoint = () => `${host().url}/api/v1/uploads`;

  // A video that is converted is removed: it stays until every byte of it has been compared.
  beforeEach(() => host().ffmpeg.hold());
  afterEach(() => host().ffmpeg.release());

  /** Begun and not awaited; `done` is. */
  function begin(client: SignedInClient, content: Buffer, options: Partial<UploadOptions> = {}) {
    const done = Promise.withResolvers<string>();
    const upload = new Upload(content, {
      endpoint: endpoint(),
      chunkSize: 4 * MIB,
      headers: { authorization: `Bearer ${client.accessToken}` },
      metadata: { filename: 'large.mp4', filetype: 'video/mp4' },
      retryDelays: [200, 500, 1000, 2000, 4000, 8000],
      onError: done.reject,
      onSuccess: () => done.resolve(idOf(upload.url ?? '')),
      ...options,
    });
    upload.start();
    return { upload, done: done.promise };
  }

  async function expectStored(id: string, content: Buffer): Promise<void> {
    const file = { bucket: 'videos', key: id } as const;
    const { files } = host();
    expect(await files.stat(file)).toEqual({ sizeBytes: content.length });
    const pieces: Uint8Array[] = [];
    for await (const piece of files.readRange(file, { start: 0, end: content.length })) {
      pieces.push(Uint8Array.from(piece));
    }
    expect(Buffer.concat(pieces).equals(content)).toBe(true);
  }

  async function expectConverted(client: SignedInClient, id: string): Promise<void> {
    await host().ffmpeg.release();
    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');
  }

  async function created(client: SignedInClient, lengthBytes: number): Promise<string> {
    const answer = await tus(client, endpoint(), 'POST', { 'upload-length': `${lengthBytes}` });
    expect(answer.status).toBe(201);
    return new URL(answer.headers.get('location') ?? '', endpoint()).href;
  }

  test('a video in parts becomes an MP3 of the same length, and one mail says where it is', async () => {
    const client = await signedInClient(host().url, 'tus');
    const path = await sample('mp4-index-at-end');
    const content = await readFile(path);
    const { done } = begin(client, content, {
      chunkSize: Math.ceil(content.length / 5),
      metadata: { filename: 'Über holiday.mp4', quality: 'voice' },
    });
    const id = await done;
    await expectStored(id, content);
    await expectConverted(client, id);
    expect(await client.status(id)).toMatchObject({
      filename: 'Über holiday.mp4',
      video_size_bytes: content.length,
      made: { as: '64 kbit/s' },
      attempts: 1,
    });
    await expect.poll(() => mailsTo(host().mailUrl, client.email), PATIENCE).toHaveLength(1);

    const answer = await client.get(`/api/v1/files/${id}`);
    expect(answer.status).toBe(200);
    const mp3 = join(await tempDir('tus'), 'audio.mp3');
    await writeFile(mp3, Buffer.from(await answer.arrayBuffer()));
    const [mp3Seconds, videoSeconds] = [
      await decodedDurationSeconds(mp3),
      await decodedDurationSeconds(path),
    ];
    expect(Math.abs(mp3Seconds - videoSeconds)).toBeLessThan(0.1);
  });

  test('every byte arrives in parts of 4 MiB, the first of them with the creation', async () => {
    const client = await signedInClient(host().url, 'bytes');
    const content = randomBytes(12 * MIB);
    const { done } = begin(client, content, { uploadDataDuringCreation: true });
    await expectStored(await done, content);
  });

  test('an upload that is paused is resumed', async () => {
    const client = await signedInClient(host().url, 'pausing');
    const content = randomBytes(3 * MIB);
    const paused = Promise.withResolvers<void>();
    const { upload, done } = begin(client, content, {
      chunkSize: MIB,
      onChunkComplete(_bytes, stored) {
        if (stored === MIB) upload.abort().then(paused.resolve, paused.reject);
      },
    });
    await paused.promise;
    const { url } = upload;
    expect(await offsetOf(client, url ?? '')).toBe(MIB);
    upload.start();
    await expectStored(await done, content);
    expect(upload.url).toBe(url);
  });

  test('a client that is killed goes on in another process', async () => {
    const client = await signedInClient(host().url, 'killed');
    const directory = await tempDir('tus-killed');
    const video = join(directory, 'video.mp4');
    await copyFile(await sample('mp4-index-at-end'), video);
    const content = await readFile(video);
    const { length } = content;
    const partBytes = Math.ceil(length / 6);
    const program = 'tests/support/upload-by-tus.ts';
    const args = [program, client.accessToken, video, String(partBytes)];
    const killed = await promisify(execFile)(process.execPath, [
      ...args,
      'new',
      endpoint(),
      String(2 * partBytes),
    ]).catch((error) => error);
    expect(killed.signal).toBe('SIGKILL');
    const [url = '', ...before] = killed.stdout.trim().split('\n');
    expect(before.map(Number)).toEqual([partBytes, 2 * partBytes]);

    const { stdout } = await promisify(execFile)(process.execPath, [...args, 'resume', url]);
    const [sameUrl, ...after] = stdout.trim().split('\n');
    expect(sameUrl).toBe(url);
    expect(after.map(Number)).toEqual([3, 4, 5, 6].map((n) => Math.min(n * partBytes, length)));
    await expectStored(idOf(url), content);
    await expectConverted(client, idOf(url));
  });

  test('20 uploads at once keep their bytes apart', async () => {
    const client = await signedInClient(host().url, 'many');
    const partBytes = 200_003;
    const contents = Array.from({ length: 20 }, () => randomBytes(3 * partBytes));
    const ids = await Promise.all(
      contents.map((content) => begin(client, content, { chunkSize: partBytes }).done),
    );
    expect(new Set(ids).size).toBe(20);
    for (const [index, content] of contents.entries()) {
      await expectStored(ids[index] ?? '', content);
    }
  });

  test('a wrong checksum is 460 and changes nothing; the right one goes on', async () => {
    const client = await signedInClient(host().url, 'checksum');
    const content = randomBytes(200_000);
    const url = await created(client, content.length);
    expect((await patch(client, url, content, digestOf(randomBytes(9)))).status).toBe(460);
    expect(await offsetOf(client, url)).toBe(0);
    expect((await patch(client, url, content, digestOf(content))).status).toBe(204);
    expect(await offsetOf(client, url)).toBe(content.length);
    await expectStored(idOf(url), content);
  });

  test('of requests that write at once one wins, and its bytes are stored', async () => {
    const client = await signedInClient(host().url, 'racing');
    const parts = Array.from({ length: 6 }, () => randomBytes(300_000));
    const url = await created(client, 300_000);
    const answers = await Promise.all(
      parts.map((part) => patch(client, url, part, digestOf(part))),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => ![204, 409, 423].includes(status))).toEqual([]);
    await expectStored(idOf(url), parts[statuses.indexOf(204)] ?? Buffer.alloc(0));
  });

  test('what is offered can be asked for, and what is terminated is gone', async () => {
    const client = await signedInClient(host().url, 'terminating');
    const offer = await fetch(endpoint(), { method: 'OPTIONS' });
    expect(offer.headers.get('tus-version')).toBe('1.0.0');
    const url = await created(client, 10);
    await patch(client, url, Buffer.from('0123'));
    expect((await tus(client, url, 'DELETE')).status).toBe(204);
    expect((await tus(client, url, 'HEAD')).status).toBe(404);
  });

  test('a service that is killed in the middle goes on where it was', async () => {
    const client = await signedInClient(host().url, 'restart');
    const content = await readFile(await sample('mp4-fast-start'));
    const partBytes = Math.ceil(content.length / 10);
    const restarted = Promise.withResolvers<void>();
    const { done } = begin(client, content, {
      chunkSize: partBytes,
      // A part that was being written has its lease: that has to run out.
      retryDelays: Array.from({ length: 300 }, () => 500),
      onChunkComplete(_bytes, stored) {
        if (stored === 3 * partBytes) host().restart().then(restarted.resolve, restarted.reject);
      },
    });
    await restarted.promise;
    const id = await done;
    await expectStored(id, content);
    await expectConverted(client, id);
  }, 180_000);
}

/** One request of the protocol, by hand. */
async function tus(
  client: SignedInClient,
  url: string,
  method: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Response> {
  const authorization = `Bearer ${client.accessToken}`;
  return await fetch(url, {
    method,
    headers: { authorization, 'tus-resumable': '1.0.0', ...headers },
    ...(body && { body: Uint8Array.from(body) }),
  });
}

function patch(client: SignedInClient, url: string, content: Buffer, checksum?: string) {
  const headers = {
    'content-type': 'application/offset+octet-stream',
    'upload-offset': '0',
    ...(checksum && { 'upload-checksum': checksum }),
  };
  return tus(client, url, 'PATCH', headers, content);
}

async function offsetOf(client: SignedInClient, url: string): Promise<number> {
  const { status, headers } = await tus(client, url, 'HEAD');
  expect(status).toBe(200);
  return Number(headers.get('upload-offset'));
}

function digestOf(content: Buffer): string {
  return `sha256 ${createHash('sha256').update(content).digest('base64')}`;
}

function idOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}
