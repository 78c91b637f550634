import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signedInClient } from '../support/api-client.ts';
import { mailsTo } from '../support/mailbox.ts';
import { decodedDurationSeconds, sample } from '../support/media.ts';
import { uploadInParts } from '../support/upload-in-parts.ts';
import { declarePage } from './page.ts';

export interface JourneyHost {
  readonly url: string;
  readonly mailUrl: string;
  /** How many messages there are over all queues: waiting, delayed, in flight or dead. */
  countMessages(): Promise<number>;
}

const PATIENCE = { timeout: 60_000, interval: 200 };

/** What a user does, against a service that runs in other processes: one suite for every host. */
export function declareJourney(host: () => JourneyHost): void {
  declarePage(host);

  test('a video becomes an MP3 of the same length, and one mail says where it is', async () => {
    const { url, mailUrl } = host();
    const client = await signedInClient(url, 'ada');
    const video = await sample('mp4-index-at-end');
    const { file_id: id, status } = await client.upload(video);
    expect(status).toBe('queued');

    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');
    await expect.poll(() => mailsTo(mailUrl, client.email), PATIENCE).toHaveLength(1);
    const [mail] = await mailsTo(mailUrl, client.email);
    expect(mail?.text).toContain(`/api/v1/files/${id}`);
    const [link = ''] = new RegExp(`\\S+/api/v1/links/${id}\\S+`).exec(mail?.text ?? '') ?? [];
    const byLink = Buffer.from(await (await fetch(link)).arrayBuffer());

    const answer = await client.get(`/api/v1/files/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toContain('.mp3');
    const mp3 = new Uint8Array(await answer.arrayBuffer());
    expect(byLink.equals(mp3)).toBe(true);
    expect((await client.delete(`/api/v1/files/${id}/links`)).status).toBe(204);
    expect((await fetch(link)).status).toBe(410);
    expect(mp3.byteLength).toBe((await client.status(id)).audio_size_bytes);
    const lengths = await withFile(mp3, async (path) => ({
      mp3: await decodedDurationSeconds(path),
      video: await decodedDurationSeconds(video),
    }));
    expect(Math.abs(lengths.mp3 - lengths.video)).toBeLessThan(0.1);
  });

  test('a video that comes in parts is converted like one that comes whole', async () => {
    const { url } = host();
    const client = await signedInClient(url, 'parts');
    const video = await sample('mp4-fast-start');
    const { file_id: whole } = await client.upload(video);
    const parts = await uploadInParts(url, client, video, 4);
    const mp3s: Buffer[] = [];
    for (const id of [whole, parts]) {
      await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');
      mp3s.push(Buffer.from(await (await client.get(`/api/v1/files/${id}`)).arrayBuffer()));
    }
    expect(mp3s[0]?.length).toBeGreaterThan(0);
    expect(mp3s[1]).toEqual(mp3s[0]);
  });

  test('the options of an upload are those of its MP3', async () => {
    const { url } = host();
    const client = await signedInClient(url, 'options');
    const options = { quality: 'voice', start: '1', end: '3', normalize: 'true', title: 'A part' };
    const { file_id: id } = await client.upload(await sample('mp4-fast-start'), options);
    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');
    expect(await client.status(id)).toMatchObject({
      duration_seconds: 2,
      source: { codec: 'aac', sample_rate: 44_100, tracks: 1 },
      made: { how: 'encoded', as: '64 kbit/s', normalized: true },
      warnings: [],
    });
  });

  test('a part of the MP3 is the part of the whole', async () => {
    const { url } = host();
    const client = await signedInClient(url, 'range');
    const { file_id: id } = await client.upload(await sample('mp4-fast-start'));
    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');

    const whole = Buffer.from(await (await client.get(`/api/v1/files/${id}`)).arrayBuffer());
    const part = await client.get(`/api/v1/files/${id}`, { range: 'bytes=1000-1999' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 1000-1999/${whole.length}`);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(1000, 2000));
  });

  test.each([
    ['text-named-mp4', 'unreadable-media'],
    ['no-audio', 'no-audio'],
    ['truncated-index-at-end', 'unreadable-media'],
  ] as const)('%s ends as failed, and a mail says why', async (name, code) => {
    const { url, mailUrl } = host();
    const client = await signedInClient(url, 'failing');
    const { file_id: id } = await client.upload(await sample(name));

    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('failed');
    const { error } = await client.status(id);
    expect(error?.code).toBe(code);
    await expect.poll(() => mailsTo(mailUrl, client.email), PATIENCE).toHaveLength(1);
    const [mail] = await mailsTo(mailUrl, client.email);
    expect(mail?.text).toContain(error?.detail);
    expect((await client.get(`/api/v1/files/${id}`)).status).toBe(409);
  });

  test('a removed conversion is gone for its owner', async () => {
    const { url } = host();
    const client = await signedInClient(url, 'removing');
    const { file_id: id } = await client.upload(await sample('mp3'));
    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');

    expect((await client.delete(`/api/v1/files/${id}`)).status).toBe(204);
    expect((await client.get(`/api/v1/files/${id}`)).status).toBe(404);
    expect((await client.get('/api/v1/files')).status).toBe(200);
  });

  test('a cancelled conversion stays as cancelled, is found by that, and makes no mail', async () => {
    const { url, mailUrl } = host();
    const client = await signedInClient(url, 'cancelling');
    const { file_id: id } = await client.upload(await sample('long-sound'));
    await expect
      .poll(async () => (await client.status(id)).progress, { ...PATIENCE, interval: 50 })
      .toBeGreaterThan(0);
    expect((await client.post(`/api/v1/files/${id}/cancel`)).status).toBe(200);

    const { file_id: other } = await client.upload(await sample('mp3'));
    await expect.poll(async () => (await client.status(other)).status, PATIENCE).toBe('ready');
    await expect.poll(() => mailsTo(mailUrl, client.email), PATIENCE).toHaveLength(1);
    expect((await client.status(id)).status).toBe('cancelled');
    const listed = await client.get('/api/v1/files?state=cancelled');
    expect(await listed.json()).toMatchObject({ items: [{ file_id: id }], next: null });
  });

  test('no message is left', async () => {
    await expect.poll(() => host().countMessages(), PATIENCE).toBe(0);
  });

  test('every part is up', async () => {
    const answer = await fetch(`${host().url}/health`);
    expect(await answer.json()).toMatchObject({ status: 'ok', parts: { users: { status: 'up' } } });
  });
}

async function withFile<Result>(
  content: Uint8Array,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-mp3-'));
  try {
    const path = join(directory, 'audio.mp3');
    await writeFile(path, content);
    return await use(path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
