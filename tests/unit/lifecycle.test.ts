import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { uploadVideo } from '../../functions/gateway/upload-video.ts';
import { createHandler as createJanitor } from '../../functions/janitor/handler.ts';
import { createHandler as createNotifier } from '../../functions/notifier/handler.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import { newConversion, queued, UPLOAD_TIMEOUT_MS } from '../../src/domain/conversion.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import type { LambdaHandler } from '../../src/lambda/wrap.ts';
import { createLogger } from '../../src/logger.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';
import { fakeFileStore } from '../support/fake-file-store.ts';
import { fakeMailer } from '../support/fake-mailer.ts';
import { fakeQueue } from '../support/fake-queue.ts';
import { fakeTranscoder, NO_AUDIO } from '../support/fake-transcoder.ts';
import { lambdaContext } from '../support/http-event.ts';
import { rmqEvent, someMessage } from '../support/rmq-event.ts';

const HOUR_MS = 3_600_000;
const OWNER = { userId: 'ada', email: 'ada@example.org', sessionId: 'session' };

/** All functions on fakes with one clock, as they meet each other. */
function createWorld() {
  const clock = fakeClock();
  const fileMap = new Map<string, Uint8Array>();
  const deps = {
    clock,
    files: fakeFileStore(fileMap),
    conversions: fakeConversionStore(),
    queue: fakeQueue({ clock }),
    transcoder: fakeTranscoder(),
    mailer: fakeMailer(),
    links: createHmacLinkSigner({ secret: 'a secret of a test, 32 characters' }),
    linkTtlMs: 24 * HOUR_MS,
    audioRetentionMs: 7 * 24 * HOUR_MS,
    publicUrl: 'https://sound.example',
    logger: createLogger({ name: 'world', level: 'silent' }),
  };
  return { ...deps, deps, fileMap };
}

let world: ReturnType<typeof createWorld>;
beforeEach(() => {
  world = createWorld();
});

async function* pieces(content: string) {
  yield Buffer.from(content);
}

function upload(deps = world.deps, content = 'some video') {
  const given = { owner: OWNER, fileName: 'a.mp4', content: pieces(content), options: {} };
  return uploadVideo(deps, given);
}

/** Delivers what is ready as an event source does: acknowledged on return, again on a throw. */
async function deliver(queue: MessageName, handler: LambdaHandler<unknown, unknown>) {
  for (let got = world.queue.receive(queue); got; got = world.queue.receive(queue)) {
    const failedAttempts = Number(got.properties.headers?.['x-attempts'] ?? 0);
    const event = rmqEvent(queue, Buffer.from(got.body).toString(), { failedAttempts });
    try {
      await handler(event, lambdaContext);
      await got.ack();
    } catch {
      await got.requeue();
    }
  }
}

/** Lets hours pass, with the janitor at work in each. */
async function pass(hours: number, afterEach: () => Promise<void> = async () => {}) {
  for (let hour = 0; hour < hours; hour += 1) {
    world.clock.advance(HOUR_MS);
    await createJanitor(world.deps)({}, lambdaContext);
    await afterEach();
  }
}

describe('an upload that was answered 202 comes to an end', () => {
  test('although the store of conversions is away for longer than messages are tried', async () => {
    const { id } = await upload();
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
      await deliver('video.uploaded', converter);
      world.clock.advance(600_000);
    }
    isAway = false;
    await pass(2, () => deliver('video.uploaded', converter));
    expect(await world.conversions.find(id)).toMatchObject({ state: 'ready' });
  });

  test('although its message was one that nobody understood', async () => {
    const { id } = await upload();
    const odd = JSON.stringify({ ...someMessage('video.uploaded', id), version: 2 });
    await createConverter(world.deps)(rmqEvent('video.uploaded', odd), lambdaContext);
    await pass(1);
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
    await upload();
    await deliver('video.uploaded', createConverter(world.deps));
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
      await deliver('audio.ready', notifier);
    }
    isAway = false;
    await pass(24, () => deliver('audio.ready', notifier));
    expect(world.mailer.sent).toHaveLength(1);
  });

  test('nothing more, where mail is refused for good; and that is tried once', async () => {
    const { id } = await upload();
    await deliver('video.uploaded', createConverter(world.deps));
    world.mailer.refuse(OWNER.email);
    const notifier = createNotifier(world.deps);
    await pass(24, () => deliver('audio.ready', notifier));
    expect(world.queue.dead).toHaveLength(1);
    expect(await world.conversions.find(id)).toMatchObject({ isOwnerUnreachable: true });
  });

  test('once, and what was kept goes when its time has come', async () => {
    await upload();
    await deliver('video.uploaded', createConverter(world.deps));
    await deliver('audio.ready', createNotifier(world.deps));
    await pass(8 * 24, () => deliver('audio.ready', createNotifier(world.deps)));
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.fileMap.size).toBe(0);
  });
});

describe('a removal', () => {
  test.each(['some video', NO_AUDIO])(
    'just when the conversion ends is no failure (%s)',
    async (content) => {
      const { id } = await upload(world.deps, content);
      const queue = {
        ...world.queue,
        async publish(message: Parameters<typeof world.queue.publish>[0]) {
          await world.queue.publish(message);
          if (message.name !== 'video.uploaded') await eraseConversion(world.deps, id);
        },
      };
      await deliver('video.uploaded', createConverter({ ...world.deps, queue }));
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
    await expect(upload({ ...world.deps, files })).rejects.toMatchObject({ code: 'not-found' });
    expect(world.fileMap.size).toBe(0);
  });
});
