import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/gateway/handler.ts';
import { createSqliteConversionStore } from '../../src/adapters/conversions/sqlite.ts';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import { createEmbeddedQueue } from '../../src/adapters/queue/embedded.ts';
import { openUsersDatabase } from '../../src/adapters/users/database.ts';
import { createSqlUserStore } from '../../src/adapters/users/sql-user-store.ts';
import { createLogger } from '../../src/logger.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { newMessage } from '../contract/queue.contract.ts';
import { someConversion } from '../support/conversions.ts';
import { ADA, uploadBody } from '../support/gateway.ts';
import { contentOf } from '../support/generated-content.ts';
import { callByHttp } from '../support/http-event.ts';
import { smallDisk } from '../support/small-disk.ts';
import { createTestTokens } from '../support/test-tokens.ts';
import { UNLIMITED } from '../support/unlimited.ts';

const MIB = 1024 * 1024;
const disk = await smallDisk(8);
const title = disk
  ? 'a disk that is full'
  : 'a disk that is full (skipped: none can be mounted here)';

describe.skipIf(!disk)(title, () => {
  const { directory, fill, makeRoom } = disk ?? { directory: '', fill() {}, makeRoom() {} };
  const unavailable = (part: string) => ({ code: 'unavailable', part, retry: 'later' });

  it('takes no file in part, keeps what it has, and takes files when there is room', async () => {
    const files = createDiskFileStore({ directory: join(directory, 'files') });
    const kept = { bucket: 'videos', key: randomUUID() } as const;
    await files.put(kept, contentOf(0, MIB));
    const large = { bucket: 'videos', key: randomUUID() } as const;
    const put = files.put(large, contentOf(0, 20 * MIB));
    await expect(put).rejects.toMatchObject({ ...unavailable('files'), cause: { code: 'ENOSPC' } });
    expect(await files.stat(large)).toBeUndefined();
    expect(await readdir(join(directory, 'files', 'videos'))).toEqual([kept.key]);

    const grown = files.append(large, 0, contentOf(0, 20 * MIB));
    await expect(grown).rejects.toMatchObject(unavailable('files'));
    expect(await files.stat(kept)).toEqual({ sizeBytes: MIB });
    await files.remove(large);
    await files.put(large, contentOf(0, 4 * MIB));
    await files.remove(large);
    await files.dispose();
  });

  it('takes no record, message or user, keeps those it has, and takes them when there is room', async () => {
    const conversions = createSqliteConversionStore({ path: join(directory, 'a.sqlite') });
    const queue = createEmbeddedQueue({ path: join(directory, 'b.sqlite') });
    const database = openUsersDatabase({ url: `sqlite:${join(directory, 'c.sqlite')}` });
    await database.migrate();
    const users = createSqlUserStore(database);
    const newUser = () => ({
      id: randomUUID(),
      email: `${randomUUID()}@example.org`,
      fullName: 'Ada',
      passwordHash: 'x'.repeat(60),
      createdAt: new Date(),
    });
    const [first, user] = [someConversion(), newUser()];
    await conversions.create(first);
    await queue.publish(newMessage());
    await users.add(user);

    fill();
    // What SQLite has reserved may still take a few.
    const untilFull = async (write: () => Promise<unknown>) => {
      for (let times = 0; times < 1_000; times += 1) await write();
    };
    await expect(
      untilFull(() => conversions.create({ ...someConversion(), id: randomUUID() })),
    ).rejects.toMatchObject({ ...unavailable('conversions'), cause: { errcode: 13 } });
    await expect(untilFull(() => queue.publish(newMessage()))).rejects.toMatchObject(
      unavailable('queue'),
    );
    await expect(untilFull(() => users.add(newUser()))).rejects.toMatchObject(unavailable('users'));
    expect(await conversions.find(first.id)).toEqual(first);
    expect(await users.findByEmail(user.email)).toMatchObject({ id: user.id });

    makeRoom();
    await conversions.create({ ...someConversion(), id: randomUUID() });
    await queue.publish(newMessage());
    await users.add(newUser());
    await Promise.all([conversions, queue, users].map((store) => store.dispose()));
  });

  it('makes the API answer 503, keep nothing, and take the video when there is room', async () => {
    const tokens = await createTestTokens(systemClock);
    const stores = {
      files: createDiskFileStore({ directory: join(directory, 'uploads') }),
      conversions: createSqliteConversionStore({ path: join(directory, 'd.sqlite') }),
      queue: createEmbeddedQueue({ path: join(directory, 'e.sqlite') }),
    };
    const handler = createHandler({
      ...stores,
      clock: systemClock,
      links: createHmacLinkSigner({ secret: 'a secret of a test, 32 characters' }),
      streamUrl: undefined,
      publicUrl: 'https://soundlift.example',
      tokens: tokens.verifier,
      logger: createLogger({ name: 'disk-full', level: 'silent' }),
      probes: [],
      quota: UNLIMITED,
      maxUploadBytes: 10 * MIB,
    });
    const upload = async () => {
      const body = uploadBody(new File([new Uint8Array(2 * MIB)], 'a.mp4'));
      const headers = { authorization: await tokens.bearer(ADA) };
      return await callByHttp(handler, '/api/v1/files', { method: 'POST', body, headers });
    };
    const first = await upload();
    expect(first.status).toBe(202);
    fill();
    const answer = await upload();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await readdir(join(directory, 'uploads', 'videos'))).toHaveLength(1);
    makeRoom();
    expect((await upload()).status).toBe(202);
    await Promise.all(Object.values(stores).map((store) => store.dispose()));
  });
});
