import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler } from '../../functions/notifier/handler.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import type { Conversion } from '../../src/domain/conversion.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import { createLogger } from '../../src/logger.ts';
import { fullConversion, someConversion } from '../support/conversions.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';
import { fakeMailer } from '../support/fake-mailer.ts';
import { fakeQueue } from '../support/fake-queue.ts';
import { lambdaContext } from '../support/http-event.ts';
import { rmqEvent, someMessage } from '../support/rmq-event.ts';

let service: ReturnType<typeof testNotifier>;
beforeEach(() => {
  service = testNotifier();
});

function testNotifier() {
  const stores = {
    clock: fakeClock(),
    conversions: fakeConversionStore(),
    queue: fakeQueue(),
    mailer: fakeMailer(),
    links: createHmacLinkSigner({ secret: 'a secret of a test, 32 characters' }),
    linkTtlMs: 24 * 3_600_000,
  };
  const logger = createLogger({ name: 'notifier', level: 'silent' });
  const handler = createHandler({ ...stores, logger, publicUrl: 'https://sound.example' });
  return {
    ...stores,
    handle: (name: MessageName, id: string, failedAttempts = 0) =>
      handler(rmqEvent(name, someMessage(name, id), { failedAttempts }), lambdaContext),
  };
}

async function stored(change: Partial<Conversion>): Promise<string> {
  const conversion = { ...fullConversion(), notifiedAt: undefined, ...change };
  await service.conversions.create(conversion);
  return conversion.id;
}

const failure = {
  state: 'failed',
  audio: undefined,
  error: { code: 'no-audio', message: 'The video has no sound.' },
} as const;

describe('the owner', () => {
  test('is told that the MP3 is ready, and where', async () => {
    const id = await stored({ state: 'ready' });
    await service.handle('audio.ready', id);
    expect(service.mailer.sent).toMatchObject([
      { to: 'ada@example.org', messageId: `audio.ready.${id}@sound.example` },
    ]);
    const [mail] = service.mailer.sent;
    expect(mail?.text).toContain(`https://sound.example/api/v1/files/${id}`);
    const [, key = ''] =
      new RegExp(`/api/v1/links/${id}\\?key=(\\S+)`).exec(mail?.text ?? '') ?? [];
    expect(mail?.html).toContain(key);
    expect(service.links.read(key, { purpose: 'download', conversionId: id })).toEqual({
      // 24 h are more than what is left of this MP3's time.
      expiresAt: new Date(Math.floor(Number(fullConversion().expiresAt) / 1_000) * 1_000),
      generation: 3,
    });
    expect(await service.conversions.find(id)).toMatchObject({ notifiedAt: service.clock.now() });
  });

  test('is told why the conversion has failed', async () => {
    const id = await stored(failure);
    await service.handle('conversion.failed', id);
    expect(service.mailer.sent[0]?.text).toContain('The video has no sound.');
  });

  test('is told once, however often the message comes', async () => {
    const id = await stored({ state: 'ready' });
    await service.handle('audio.ready', id);
    await service.handle('audio.ready', id);
    expect(service.mailer.sent).toHaveLength(1);
  });

  test('is told how it has ended, and not how it had before', async () => {
    const id = await stored({ state: 'ready' });
    await service.handle('conversion.failed', id);
    expect(service.mailer.sent).toEqual([]);
    await service.handle('audio.ready', id);
    expect(service.mailer.sent).toMatchObject([{ messageId: `audio.ready.${id}@sound.example` }]);
  });

  test('is told nothing of a conversion that is gone, or on its way again', async () => {
    await service.handle('audio.ready', someConversion().id);
    await service.handle('audio.ready', await stored({ state: 'deleting' }));
    await service.handle('conversion.failed', await stored({ state: 'queued' }));
    expect(service.mailer.sent).toEqual([]);
    expect(service.queue.dead).toEqual([]);
  });
});

describe('a mail', () => {
  test('that the server does not take now is tried again later', async () => {
    const id = await stored({ state: 'ready' });
    service.mailer.breakDown();
    await service.handle('audio.ready', id);
    expect(service.queue.retried).toMatchObject([{ delayMs: 5_000 }]);
    expect(await service.conversions.find(id)).not.toHaveProperty('notifiedAt');
  });

  test('that is refused for good is dead-lettered with the reason', async () => {
    const id = await stored({ state: 'ready' });
    service.mailer.refuse('ada@example.org');
    await service.handle('audio.ready', id);
    expect(service.queue.dead).toMatchObject([{ reason: expect.stringContaining('refused') }]);
  });

  test('that is refused for good is dead-lettered also when the message comes again', async () => {
    const id = await stored({ state: 'ready' });
    service.mailer.refuse('ada@example.org');
    await service.handle('audio.ready', id);
    await service.handle('audio.ready', id);
    expect(service.queue.dead).toHaveLength(2);
  });

  test('that was refused for good is sent when the message is redriven, and the server takes it', async () => {
    const id = await stored({ state: 'ready' });
    service.mailer.refuse('ada@example.org');
    await service.handle('audio.ready', id);
    service.mailer.accept('ada@example.org');
    await service.handle('audio.ready', id);
    expect(service.mailer.sent).toHaveLength(1);
    expect(await service.conversions.find(id)).toMatchObject({ notifiedAt: service.clock.now() });
    expect(await service.conversions.find(id)).not.toHaveProperty('isOwnerUnreachable');
  });
});
