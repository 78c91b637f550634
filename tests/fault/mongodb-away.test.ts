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
import { REAL_SERVICES } from '../support/real-stores.ts';
import { serviceOnLines } from '../support/service-on-lines.ts';
import { describeWithServices } from '../support/services.ts';

const MIB = 1024 * 1024;
/** The store itself gives up in 10 s, long before the function has to: a client may still wait. */
const BY_THE_STORE = { timeout: 18_000 };

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

  it('is silent, answers 503, and goes on when it speaks again', BY_THE_STORE, async () => {
    expect(await statusOf(listFiles(service))).toBe(200);
    mongodb.stall();
    await Promise.all([
      expectUnavailable(listFiles(service), 'conversions'),
      expectUnavailable(upload(service), 'conversions'),
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
});
