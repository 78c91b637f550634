import { createHash } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { appendToUpload } from '../../functions/gateway/append-to-upload.ts';
import { tidyUp } from '../../functions/janitor/tidy-up.ts';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { finishUpload } from '../../src/conversions/finish-upload.ts';
import { uploadChanged } from '../../src/domain/conversion.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import { leased, UPLOAD_LEASE_MS, type Upload } from '../../src/domain/upload.ts';
import { problemSchema } from '../../src/http/problem-responses.ts';
import { ADA, type TestGateway, testGateway } from '../support/gateway.ts';
import { idOf, storedVideo, tusClient, videoOf } from '../support/tus-client.ts';

/** What the protocol leaves open: crashes, races, and what becomes of a whole video. */

const VIDEO = Buffer.from('0123456789');
const DAY_MS = 24 * 60 * 60 * 1000;

let gateway: TestGateway;
let tus: ReturnType<typeof tusClient>;
beforeEach(async () => {
  gateway = await testGateway();
  tus = tusClient(gateway);
});

async function* pieces(...given: (Uint8Array | Error)[]) {
  for (const piece of given) {
    if (piece instanceof Error) throw piece;
    yield piece;
  }
}

async function changeUpload(path: string, change: (upload: Upload) => Upload) {
  return await changeConversion(gateway.conversions, idOf(path), (current) =>
    uploadChanged(current, change, gateway.clock.now()),
  );
}

/** As a request does before it writes. */
async function takeLease(path: string, leaseToken = 'token') {
  const now = gateway.clock.now();
  const conversion = await changeUpload(path, (it) => leased(it, leaseToken, now));
  const { upload } = conversion;
  if (upload === undefined) throw new Error('no upload');
  return { conversion, upload, leaseToken };
}

test('the last byte queues the conversion and publishes one message', async () => {
  const path = await tus.created();
  expect((await gateway.conversions.find(idOf(path)))?.state).toBe('uploading');
  expect(await gateway.files.stat(videoOf(path))).toBeUndefined();
  await tus.patch(path, 0, VIDEO);
  const record = await gateway.conversions.find(idOf(path));
  expect(record).toMatchObject({ state: 'queued', video: { sizeBytes: 10 } });
  expect(record).not.toHaveProperty('outbox');
  expect(gateway.queue.published).toMatchObject([
    { name: 'video.uploaded', conversionId: idOf(path) },
  ]);
  expect(await storedVideo(gateway, path)).toBe('0123456789');
});

test('the last part, sent again, is one conversion and one message', async () => {
  const path = await tus.created();
  await tus.patch(path, 0, VIDEO.subarray(0, 4));
  const last = VIDEO.subarray(4);
  expect((await tus.patch(path, 4, last)).status).toBe(204);
  expect((await tus.patch(path, 4, last)).status).toBe(409);
  const atTheEnd = await tus.patch(path, 10, new Uint8Array());
  expect(atTheEnd.status).toBe(204);
  expect(atTheEnd.headers.get('upload-offset')).toBe('10');
  expect((await tus.patch(path, 10, VIDEO)).status).toBe(413);
  expect(gateway.queue.published).toHaveLength(1);
  expect(await storedVideo(gateway, path)).toBe('0123456789');
});

test('of two requests that write at once one wins, and the other gets 423', async () => {
  const path = await tus.created();
  const isWriting = Promise.withResolvers<void>();
  const isRefused = Promise.withResolvers<void>();
  const { append } = gateway.files;
  gateway.files.append = async (...given) => {
    isWriting.resolve();
    await isRefused.promise;
    return await append(...given);
  };
  const winner = tus.patch(path, 0, VIDEO);
  await isWriting.promise;
  const loser = await tus.patch(path, 0, Buffer.from('bbbbbbbbbb'));
  isRefused.resolve();
  expect(loser.status).toBe(423);
  expect(problemSchema.parse(await loser.json()).code).toBe('locked');
  expect((await winner).status).toBe(204);
  expect(await storedVideo(gateway, path)).toBe('0123456789');
  expect(gateway.queue.published).toHaveLength(1);
});

test('of many requests that begin at once one wins', async () => {
  const path = await tus.created();
  const parts = Array.from({ length: 20 }, (_, index) => Buffer.from(`part ${10 + index}...`));
  const answers = await Promise.all(parts.map((part) => tus.patch(path, 0, part)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 204)).toHaveLength(1);
  expect(statuses.filter((status) => status === 423 || status === 409)).toHaveLength(19);
  expect(await storedVideo(gateway, path)).toBe(parts[statuses.indexOf(204)]?.toString());
  expect(gateway.queue.published).toHaveLength(1);
});

test('who holds the lease keeps others from writing and removing, but not from looking', async () => {
  const path = await tus.created();
  await takeLease(path);
  expect((await tus.patch(path, 0, VIDEO)).status).toBe(423);
  expect((await tus.terminate(path)).status).toBe(423);
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('0');
  gateway.clock.advance(UPLOAD_LEASE_MS - 1);
  expect((await tus.patch(path, 0, VIDEO)).status).toBe(423);
  gateway.clock.advance(1);
  expect((await tus.patch(path, 0, VIDEO)).status).toBe(204);
});

test('a refused request gives the lease back', async () => {
  const path = await tus.created();
  expect((await tus.patch(path, 7, VIDEO)).status).toBe(409);
  expect((await tus.patch(path, 0, VIDEO)).status).toBe(204);
});

test('bytes that were stored and not recorded count for nothing', async () => {
  const path = await tus.created();
  await gateway.files.append(videoOf(path), 0, pieces(Buffer.from('dead bytes, and more')));
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('0');
  await tus.patch(path, 0, VIDEO.subarray(0, 4));
  await tus.patch(path, 4, VIDEO.subarray(4));
  expect(await storedVideo(gateway, path)).toBe('0123456789');
});

test('a dead writer whose lease another has taken records nothing', async () => {
  const path = await tus.created();
  const lease = await takeLease(path, 'dead');
  gateway.clock.advance(UPLOAD_LEASE_MS);
  await takeLease(path, 'alive');
  const part = { ...lease, content: pieces(VIDEO) };
  await expect(appendToUpload(gateway, part)).rejects.toMatchObject({ code: 'lease-lost' });
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('0');
});

test('“The Server SHOULD always attempt to store as much of the received data as possible.” (of a part that breaks off, what has come counts)', async () => {
  const path = await tus.created();
  const lease = await takeLease(path);
  const broken = new Error('socket hang up');
  const content = pieces(VIDEO.subarray(0, 3), VIDEO.subarray(3, 5), broken);
  const part = { ...lease, content };
  await expect(appendToUpload(gateway, part)).rejects.toBe(broken);
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('5');
  await tus.patch(path, 5, VIDEO.subarray(5));
  expect(await storedVideo(gateway, path)).toBe('0123456789');
});

test('on a host that streams, a connection that breaks keeps what has come', async () => {
  const path = await tus.created();
  const body = ReadableStream.from(pieces(VIDEO.subarray(0, 4), new Error('socket hang up')));
  const headers = {
    'tus-resumable': '1.0.0',
    'content-type': 'application/offset+octet-stream',
    'upload-offset': '0',
  };
  const answer = await gateway.streamAs(ADA, path, { method: 'PATCH', headers, body });
  expect(answer.status).toBe(400);
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('4');
  expect((await tus.patch(path, 4, VIDEO.subarray(4))).status).toBe(204);
  expect(await storedVideo(gateway, path)).toBe('0123456789');
});

test('a connection that breaks does not give the lease away before its bytes are stored', async () => {
  const path = await tus.created();
  const hasBroken = Promise.withResolvers<void>();
  const isTried = Promise.withResolvers<void>();
  const { append } = gateway.files;
  gateway.files.append = async (file, position, content, options) => {
    const stored = await append(file, position, content, options);
    hasBroken.resolve();
    await isTried.promise;
    return stored;
  };
  const body = ReadableStream.from(pieces(VIDEO.subarray(0, 4), new Error('socket hang up')));
  const headers = {
    'tus-resumable': '1.0.0',
    'content-type': 'application/offset+octet-stream',
    'upload-offset': '0',
  };
  const broken = gateway.streamAs(ADA, path, { method: 'PATCH', headers, body });
  await hasBroken.promise;
  const tried = await tus.patch(path, 0, Buffer.from('bbbbbbbbbb'));
  isTried.resolve();
  expect(tried.status).toBe(423);
  expect((await broken).status).toBe(400);
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('4');
});

test('of a part that breaks off and has a checksum, nothing counts', async () => {
  const path = await tus.created();
  const lease = await takeLease(path);
  const broken = new Error('socket hang up');
  const digest = createHash('sha1').update(VIDEO).digest();
  const part = {
    ...lease,
    content: pieces(VIDEO.subarray(0, 5), broken),
    checksum: { algorithm: 'sha1', digest },
  } as const;
  await expect(appendToUpload(gateway, part)).rejects.toBe(broken);
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('0');
});

test('an upload that is removed while a part is written leaves no bytes', async () => {
  const path = await tus.created();
  const lease = await takeLease(path);
  async function* content() {
    yield VIDEO.subarray(0, 5);
    await gateway.callAs(ADA, `/api/v1/files/${idOf(path)}`, { method: 'DELETE' });
    yield VIDEO.subarray(5);
  }
  const part = { ...lease, content: content() };
  await expect(appendToUpload(gateway, part)).rejects.toMatchObject({ code: 'not-found' });
  await expect(gateway.files.complete(videoOf(path), 10)).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('an upload that is removed before its first part is written leaves no bytes', async () => {
  const path = await tus.created();
  const { append } = gateway.files;
  gateway.files.append = async (...given) => {
    await gateway.callAs(ADA, `/api/v1/files/${idOf(path)}`, { method: 'DELETE' });
    return await append(...given);
  };
  expect((await tus.patch(path, 0, VIDEO)).status).toBe(404);
  await expect(gateway.files.complete(videoOf(path), 10)).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('a store that is away is 503, and the next request goes on', async () => {
  const path = await tus.created();
  const lease = await takeLease(path);
  const content = pieces(VIDEO);
  const files = { ...gateway.files, append: () => Promise.reject(new Unavailable('files')) };
  const part = { ...lease, content };
  await expect(appendToUpload({ ...gateway, files }, part)).rejects.toThrow(Unavailable);
  gateway.clock.advance(UPLOAD_LEASE_MS);
  expect((await tus.patch(path, 0, VIDEO)).status).toBe(204);
});

test('a broker that is away does not keep an upload from being finished', async () => {
  const path = await tus.created();
  gateway.queue.breakDown();
  expect((await tus.patch(path, 0, VIDEO)).status).toBe(204);
  expect(await gateway.conversions.find(idOf(path))).toMatchObject({
    state: 'queued',
    outbox: 'video.uploaded',
  });
});

/** The last byte is recorded, and the function has died before anything else. */
async function diedAtTheEnd(): Promise<string> {
  const path = await tus.created();
  const lease = await takeLease(path);
  const died = new Error('died');
  const files = { ...gateway.files, complete: () => Promise.reject(died) };
  const part = { ...lease, content: pieces(VIDEO) };
  await expect(appendToUpload({ ...gateway, files }, part)).rejects.toBe(died);
  expect((await gateway.conversions.find(idOf(path)))?.state).toBe('uploading');
  return path;
}

test('who dies after the last byte is made up for by the next HEAD', async () => {
  const path = await diedAtTheEnd();
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('10');
  expect((await gateway.conversions.find(idOf(path)))?.state).toBe('queued');
  expect(gateway.queue.published).toHaveLength(1);
  expect(await storedVideo(gateway, path)).toBe('0123456789');
});

test('… and of many at once, one of them publishes the message', async () => {
  const path = await diedAtTheEnd();
  const record = await gateway.conversions.find(idOf(path));
  if (record === undefined) throw new Error('no record');
  const { publish } = gateway.queue;
  gateway.queue.publish = async (message) => {
    // So that all of them see the record before it says that the message is published.
    await new Promise((resolve) => setImmediate(resolve));
    await publish(message);
  };
  const finished = await Promise.all([1, 2, 3].map(() => finishUpload(gateway, record)));
  expect(finished.map(({ state }) => state)).toEqual(['queued', 'queued', 'queued']);
  expect(gateway.queue.published).toHaveLength(1);
});

test('… or by the next PATCH, with no byte', async () => {
  const path = await diedAtTheEnd();
  expect((await tus.patch(path, 10, new Uint8Array())).status).toBe(204);
  expect((await gateway.conversions.find(idOf(path)))?.state).toBe('queued');
  expect(gateway.queue.published).toHaveLength(1);
});

test('… or by the janitor, also when its time is long over', async () => {
  const path = await diedAtTheEnd();
  gateway.clock.advance(7 * DAY_MS);
  expect(await tidyUp(gateway)).toMatchObject({ republished: 1, removed: 0, failures: [] });
  expect((await gateway.conversions.find(idOf(path)))?.state).toBe('queued');
  expect(gateway.queue.published).toHaveLength(1);
  expect(await storedVideo(gateway, path)).toBe('0123456789');
});

test('an upload that is not gone on with is removed after a day, and not before', async () => {
  const path = await tus.created();
  gateway.clock.advance(DAY_MS / 2);
  await tus.patch(path, 0, VIDEO.subarray(0, 4));
  gateway.clock.advance(DAY_MS - 1);
  expect(await tidyUp(gateway)).toMatchObject({ removed: 0 });
  gateway.clock.advance(1);
  expect(await tidyUp(gateway)).toMatchObject({ removed: 1, failures: [] });
  expect(await gateway.conversions.find(idOf(path))).toBeUndefined();
});

test('an upload is not removed while a part is being written', async () => {
  const path = await tus.created();
  gateway.clock.advance(DAY_MS - 1);
  await takeLease(path);
  gateway.clock.advance(UPLOAD_LEASE_MS - 1);
  expect(await tidyUp(gateway)).toMatchObject({ removed: 0 });
  gateway.clock.advance(1);
  expect(await tidyUp(gateway)).toMatchObject({ removed: 1 });
});
