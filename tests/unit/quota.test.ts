import { expect, test } from 'vitest';
import { z } from 'zod';
import { cancelled, deleting, expired, failed, queued } from '../../src/domain/conversion.ts';
import { quotaExceeded, storedBytes } from '../../src/domain/quota.ts';
import { fullConversion, inState, later, NOW, someConversion } from '../support/conversions.ts';
import { ADA, EVE, type TestGateway, testGateway, uploadBody } from '../support/gateway.ts';
import { tusClient } from '../support/tus-client.ts';
import { UNLIMITED } from '../support/unlimited.ts';

const VIDEO = '0123456789';

const upload = (gateway: TestGateway, who = ADA, content = VIDEO) =>
  gateway.callAs(who, '/api/v1/files', {
    method: 'POST',
    body: uploadBody(new File([content], 'a.mp4')),
  });

async function idOf(answer: Response): Promise<string> {
  return z.object({ file_id: z.string() }).parse(await answer.json()).file_id;
}

async function expectProblem(answer: Response, status: number, code: string): Promise<void> {
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ code });
}

async function countRecords(gateway: TestGateway): Promise<number> {
  return (await gateway.conversions.listByOwner(ADA.userId, { limit: 100 })).items.length;
}

test('videos beyond the bytes of a user are refused, and nothing of them is kept', async () => {
  const gateway = await testGateway({ quota: { bytes: 25 } });
  const first = await idOf(await upload(gateway));
  expect((await upload(gateway)).status).toBe(202);
  await expectProblem(await upload(gateway), 413, 'quota-exceeded');
  expect(await countRecords(gateway)).toBe(2);
  expect(gateway.queue.published).toHaveLength(2);
  expect((await upload(gateway, EVE)).status).toBe(202);
  // Five more just fit.
  expect((await upload(gateway, ADA, '12345')).status).toBe(202);
  await expectProblem(await upload(gateway, ADA, '1'), 413, 'quota-exceeded');
  await gateway.callAs(ADA, `/api/v1/files/${first}`, { method: 'DELETE' });
  expect((await upload(gateway)).status).toBe(202);
});

test.each([
  [600_000, '0.6 MiB'],
  [53_687_091_200, '50.0 GiB'],
])('a refusal says how much room there is (%s)', (bytes, words) => {
  expect(quotaExceeded({ ...UNLIMITED, bytes }).message).toContain(`the ${words} that you have`);
});

test('an upload in parts counts by its whole length from its beginning', async () => {
  const gateway = await testGateway({ quota: { bytes: 25 } });
  const tus = tusClient(gateway);
  const path = await tus.created({ 'upload-length': '20' });
  await expectProblem(await tus.create({ 'upload-length': '6' }), 413, 'quota-exceeded');
  expect(await countRecords(gateway)).toBe(1);
  expect((await tus.create({ 'upload-length': '5' })).status).toBe(201);
  await tus.terminate(path);
  expect((await tus.create({ 'upload-length': '20' })).status).toBe(201);
});

test('an upload without a length takes what there is room for, and no length beyond it', async () => {
  const gateway = await testGateway({ quota: { bytes: 25 } });
  await upload(gateway);
  const tus = tusClient(gateway);
  const path = await tus.created({ 'upload-length': undefined, 'upload-defer-length': '1' });
  await tus.patch(path, 0, Buffer.from(VIDEO));
  await expectProblem(await tus.patch(path, 10, Buffer.from(VIDEO)), 413, 'quota-exceeded');
  expect((await tus.head(path)).headers.get('upload-offset')).toBe('15');
  const longer = await tus.patch(path, 15, Buffer.from('x'), { 'upload-length': '16' });
  await expectProblem(longer, 413, 'quota-exceeded');
  expect((await tus.head(path)).headers.get('upload-defer-length')).toBe('1');
  await expectProblem(await tus.patch(path, 15, Buffer.from('x')), 413, 'quota-exceeded');
  const whole = await tus.patch(path, 15, Buffer.alloc(0), { 'upload-length': '15' });
  expect(whole.status).toBe(204);
  expect(gateway.queue.published).toHaveLength(2);
});

test('conversions beyond those that one user may have under way wait for one to end', async () => {
  const gateway = await testGateway({ quota: { conversionsAtOnce: 2, conversionsPerDay: 3 } });
  const first = await idOf(await upload(gateway));
  await tusClient(gateway).created();
  for (let time = 0; time < 5; time += 1) {
    const refused = await upload(gateway);
    expect(refused.headers.get('retry-after')).toBe('60');
    await expectProblem(refused, 429, 'too-many-conversions');
  }
  const inParts = await tusClient(gateway).create();
  expect(inParts.headers.get('retry-after')).toBe('60');
  await expectProblem(inParts, 429, 'too-many-conversions');
  expect((await upload(gateway, EVE)).status).toBe(202);
  await gateway.callAs(ADA, `/api/v1/files/${first}/cancel`, { method: 'POST' });
  // Those that were refused have not been begun.
  expect((await upload(gateway)).status).toBe(202);
});

test.each([
  ['conversions', { conversionsAtOnce: 3 }],
  ['bytes', { bytes: 35 }],
])('of many at once as many get in as there is room for: %s', async (_, quota) => {
  const gateway = await testGateway({ quota });
  await upload(gateway);
  const answers = await Promise.all(Array.from({ length: 20 }, () => upload(gateway)));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(2);
  for (let more = 0; more < 5; more += 1) await upload(gateway);
  expect(await countRecords(gateway)).toBe(3);
});

test('who finds the room taken by one that does not give way is refused', async () => {
  const gateway = await testGateway({ quota: { conversionsAtOnce: 1 } });
  // Its clock is ahead, and it was counted before.
  const ahead = { ...inState('queued'), id: 'ffffffff-ffff-7fff-bfff-ffffffffffff' };
  await gateway.conversions.create({ ...ahead, owner: { ...ahead.owner, userId: ADA.userId } });
  await expectProblem(await upload(gateway), 429, 'too-many-conversions');
  expect(await countRecords(gateway)).toBe(1);
});

test('conversions of a day stay counted when they are removed, and the day ends', async () => {
  const gateway = await testGateway({ quota: { conversionsPerDay: 2 } });
  const id = await idOf(await upload(gateway));
  await gateway.callAs(ADA, `/api/v1/files/${id}`, { method: 'DELETE' });
  gateway.clock.advance(60 * 60 * 1000);
  await upload(gateway);
  const refused = await upload(gateway);
  expect(refused.headers.get('retry-after')).toBe(String(23 * 60 * 60));
  await expectProblem(refused, 429, 'daily-limit-reached');
  expect(await countRecords(gateway)).toBe(1);
  gateway.clock.advance(23 * 60 * 60 * 1000);
  expect((await upload(gateway)).status).toBe(202);
});

test('without limits nothing is counted', async () => {
  const gateway = await testGateway();
  gateway.conversions.usageOf = () => Promise.reject(new Error('was asked'));
  gateway.conversions.countBegun = () => Promise.reject(new Error('was asked'));
  expect((await upload(gateway)).status).toBe(202);
});

test.each([
  ['being uploaded in one piece', someConversion({ video: { fileName: 'a', sizeBytes: 7 } }), 7],
  ['being uploaded in parts', uploadOf({ lengthBytes: 9, offsetBytes: 4 }), 9],
  ['being uploaded without a length', uploadOf({ offsetBytes: 4 }), 4],
  ['queued', queued(inState('uploading'), 7, NOW), 7],
  ['failed by its video', failed(whole(), { code: 'no-audio', message: '' }, later(1), NOW), 0],
  ['failed, to be tried again', failed(whole(), exhausted(), later(1), NOW), 7],
  ['failed, and past it', expired(failed(whole(), exhausted(), later(1), NOW), NOW), 0],
  ['ready, its video kept', fullConversion(), 5_001_440_000],
  ['ready', { ...fullConversion(), videoExpiresAt: undefined }, 1_440_000],
  ['expired', expired({ ...fullConversion(), videoExpiresAt: undefined }, NOW), 0],
  ['cancelled', cancelled(whole(), NOW), 0],
  ['being deleted', deleting(whole(), NOW), 0],
])('one that is %s counts with what is kept of it', (_, conversion, bytes) => {
  expect(storedBytes(conversion)).toBe(bytes);
});

function whole() {
  return queued(inState('uploading'), 7, NOW);
}

function exhausted() {
  return { code: 'attempts-exhausted', message: '' } as const;
}

function uploadOf(upload: { readonly lengthBytes?: number; readonly offsetBytes: number }) {
  return someConversion({ upload: { ...upload, expiresAt: later(1) } });
}
