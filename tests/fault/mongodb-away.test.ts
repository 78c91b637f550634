import { afterEach, expect, it } from 'vitest';
import { bytesAt } from '../support/generated-content.ts';
import {
  expectUnavailable,
  IN_TIME,
  listFiles,
  RECOVERY,
  statusOf,
  upload,
} from '../support/http-calls.ts';
import { readyConversion } from '../support/ready-conversion.ts';
import { REAL_SERVICES } from '../support/real-stores.ts';
import { serviceOnLines } from '../support/service-on-lines.ts';
import { describeWithServices } from '../support/services.ts';

const MIB = 1024 * 1024;
/** More than the store waits for one answer, and less than two attempts of 10 s would take. */
const TIME_FOR_ONE_ANSWER_MS = 19_500;

await describeWithServices('the API, while MongoDB', REAL_SERVICES, (urls) => {
  const service = serviceOnLines(urls, 'mongodb_away');
  const { mongodb } = service.lines;
  afterEach(() => mongodb.mend());

  it('is gone, answers 503, and goes on when it is back', IN_TIME, async () => {
    expect(await statusOf(upload(service))).toBe(202);
    await mongodb.cut();
    await Promise.all([
      expectUnavailable(listFiles(service), 'conversions'),
      expectUnavailable(upload(service), 'conversions'),
    ]);
    await mongodb.mend();
    await expect.poll(() => statusOf(upload(service)), RECOVERY).toBe(202);
  });

  it('is silent, answers 503, and goes on when it speaks again', IN_TIME, async () => {
    expect(await statusOf(listFiles(service))).toBe(200);
    mongodb.stall();
    const list = service.gateway('/api/v1/files', {}, TIME_FOR_ONE_ANSWER_MS);
    await Promise.all([
      // Said by the store, and not by the end of the function's time.
      expectUnavailable(list, 'conversions'),
      expectUnavailable(upload(service)),
    ]);
    await mongodb.mend();
    await expect.poll(() => statusOf(listFiles(service)), RECOVERY).toBe(200);
  });

  it('takes 2 s for each answer, is slow and right', IN_TIME, async () => {
    mongodb.slow(2_000);
    const answer = await listFiles(service);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ items: [{}, {}] });
  });

  it('is reset in the middle of an upload, keeps all of it or nothing', IN_TIME, async () => {
    const before = await service.countStored();
    const video = Uint8Array.from(bytesAt(0, 5 * MIB));
    mongodb.resetAfter(2 * MIB);
    // MongoDB's driver may have tried again by itself; that is as well.
    const answer = await upload(service, video);
    if (answer.status !== 202) {
      await expectUnavailable(Promise.resolve(answer));
      expect(await service.countStored()).toBe(before);
    }
    expect(await statusOf(upload(service, video))).toBe(202);
    // The file and its five chunks.
    const uploads = answer.status === 202 ? 2 : 1;
    expect(await service.countStored()).toBe(before + 6 * uploads);
  });

  it('is reset in the middle of a download, gives all of it or answers 503', IN_TIME, async () => {
    const mp3 = Uint8Array.from(bytesAt(0, 3 * MIB));
    const clock = { now: () => new Date() };
    const id = await readyConversion({ ...service.stores(), clock }, { mp3 });
    const download = () => service.gateway(`/api/v1/files/${id}`);
    mongodb.resetAfter(MIB);
    const answer = await download();
    if (answer.status !== 200) await expectUnavailable(Promise.resolve(answer), 'files');
    const whole = answer.status === 200 ? answer : await download();
    expect(Buffer.from(await whole.arrayBuffer()).equals(mp3)).toBe(true);
  });
});
