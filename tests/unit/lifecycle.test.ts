import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { createHandler as createJanitor } from '../../functions/janitor/handler.ts';
import { createHandler as createNotifier } from '../../functions/notifier/handler.ts';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import { newConversion, queued, UPLOAD_TIMEOUT_MS } from '../../src/domain/conversion.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import { NO_AUDIO } from '../support/fake-transcoder.ts';
import { type FakeWorld, fakeWorld, OWNER } from '../support/fake-world.ts';
import { lambdaContext } from '../support/http-event.ts';
import { rmqEvent, someMessage } from '../support/rmq-event.ts';

let world: FakeWorld;
beforeEach(() => {
  world = fakeWorld();
});

describe('an upload that was answered 202 comes to an end', () => {
  test('although the store of conversions is away for longer than messages are tried', async () => {
    const { id } = await world.upload();
    let isAway = true;
    const conversions = {
      ...world.conversions,
      async find(wanted: string) {
        if (isAway) throw new Unavailable('conversions');
        return await world.conversions.find(wanted);
      },
    };
    const converter = createConverter({ ...world.deps, conversions });
    for (let times = 0; times < 10; times += 1) {
      await world.deliver('video.uploaded', converter);
      world.clock.advance(600_000);
    }
    isAway = false;
    await world.pass(2, () => world.deliver('video.uploaded', converter));
    expect(await world.conversions.find(id)).toMatchObject({ state: 'ready' });
  });

  test('although its message was one that nobody understood', async () => {
    const { id } = await world.upload();
    const odd = JSON.stringify({ ...someMessage('video.uploaded', id), version: 2 });
    await createConverter(world.deps)(rmqEvent('video.uploaded', odd), lambdaContext);
    await world.pass(1);
    expect(world.queue.published).toHaveLength(2);
  });

  test('although it ends just when the janitor takes it for one that never will', async () => {
    const id = '0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10';
    const given = { id, owner: OWNER, options: {}, fileName: 'a.mp4' };
    await world.conversions.create(newConversion(given, world.clock.now()));
    world.clock.advance(UPLOAD_TIMEOUT_MS);
    const conversions = {
      ...world.conversions,
      async listDue(now: Date, limit: number) {
        const due = await world.conversions.listDue(now, limit);
        await changeConversion(world.conversions, id, (it) => queued(it, 10, now));
        return due;
      },
    };
    await createJanitor({ ...world.deps, conversions })({}, lambdaContext);
    expect(await world.conversions.find(id)).toMatchObject({ state: 'queued' });
  });
});

describe('the owner hears', () => {
  test('although the mail server is away for longer than messages are tried', async () => {
    await world.upload();
    await world.deliver('video.uploaded', createConverter(world.deps));
    let isAway = true;
    const mailer = {
      ...world.mailer,
      async send(mail: Parameters<typeof world.mailer.send>[0]) {
        if (isAway) throw new Unavailable('mail');
        await world.mailer.send(mail);
      },
    };
    const notifier = createNotifier({ ...world.deps, mailer });
    for (const seconds of [0, 5, 30, 120, 600]) {
      world.clock.advance(seconds * 1_000);
      await world.deliver('audio.ready', notifier);
    }
    isAway = false;
    await world.pass(24, () => world.deliver('audio.ready', notifier));
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('nothing more, where mail is refused for good; and that is tried once', async () => {
    const { id } = await world.upload();
    await world.deliver('video.uploaded', createConverter(world.deps));
    world.mailer.refuse(OWNER.email);
    const notifier = createNotifier(world.deps);
    await world.pass(24, () => world.deliver('audio.ready', notifier));
    expect(world.queue.dead).toHaveLength(1);
    expect(await world.conversions.find(id)).toMatchObject({ isOwnerUnreachable: true });
  });

  test('once, and what was kept goes when its time has come', async () => {
    await world.upload();
    await world.deliver('video.uploaded', createConverter(world.deps));
    await world.deliver('audio.ready', createNotifier(world.deps));
    await world.pass(8 * 24, () => world.deliver('audio.ready', createNotifier(world.deps)));
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.fileMap.size).toBe(0);
  });
});

describe('a removal', () => {
  test.each(['some video', NO_AUDIO])(
    'just when the conversion ends is no failure (%s)',
    async (content) => {
      const { id } = await world.upload(world.deps, content);
      const queue = {
        ...world.queue,
        async publish(message: Parameters<typeof world.queue.publish>[0]) {
          await world.queue.publish(message);
          if (message.name !== 'video.uploaded') await eraseConversion(world.deps, id);
        },
      };
      await world.deliver('video.uploaded', createConverter({ ...world.deps, queue }));
      expect(world.queue.dead).toEqual([]);
      expect(world.fileMap.size).toBe(0);
    },
  );

  test('before the upload has begun to be stored leaves no video', async () => {
    const files: typeof world.files = {
      ...world.files,
      async put(...given) {
        const [item] = (await world.conversions.listByOwner('ada', { limit: 1 })).items;
        await eraseConversion(world.deps, item?.id ?? '');
        return await world.files.put(...given);
      },
    };
    await expect(world.upload({ ...world.deps, files })).rejects.toMatchObject({
      code: 'not-found',
    });
    expect(world.fileMap.size).toBe(0);
  });
});
