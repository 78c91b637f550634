import { uploadVideo } from '../../functions/gateway/upload-video.ts';
import { createHandler as createJanitor } from '../../functions/janitor/handler.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import type { LambdaHandler } from '../../src/lambda/wrap.ts';
import { createLogger } from '../../src/logger.ts';
import { fakeClock } from './fake-clock.ts';
import { fakeConversionStore } from './fake-conversion-store.ts';
import { fakeFileStore } from './fake-file-store.ts';
import { fakeMailer } from './fake-mailer.ts';
import { fakeQueue } from './fake-queue.ts';
import { fakeTranscoder } from './fake-transcoder.ts';
import { lambdaContext } from './http-event.ts';
import { rmqEvent } from './rmq-event.ts';
import { UNLIMITED } from './unlimited.ts';

export const HOUR_MS = 3_600_000;
export const OWNER = { userId: 'ada', email: 'ada@example.org', sessionId: 'session' };

/** All functions on fakes with one clock, as they meet each other. */
export function fakeWorld() {
  const clock = fakeClock();
  const fileMap = new Map<string, Uint8Array>();
  const queue = fakeQueue({ clock });
  const deps = {
    clock,
    files: fakeFileStore(fileMap, clock),
    conversions: fakeConversionStore(),
    queue,
    transcoder: fakeTranscoder(),
    mailer: fakeMailer(),
    links: createHmacLinkSigner({ secret: 'a secret of a test, 32 characters' }),
    linkTtlMs: 24 * HOUR_MS,
    audioRetentionMs: 7 * 24 * HOUR_MS,
    publicUrl: 'https://sound.example',
    quota: UNLIMITED,
    logger: createLogger({ name: 'world', level: 'silent' }),
  };
  return {
    ...deps,
    deps,
    fileMap,

    upload(given: Parameters<typeof uploadVideo>[0] = deps, content = 'some video') {
      const upload = {
        owner: OWNER,
        fileName: 'a.mp4',
        sizeBytes: content.length,
        content: pieces(content),
        options: {},
      };
      return uploadVideo(given, upload);
    },

    /** Delivers what is ready as an event source does: acknowledged on return, again on a throw. */
    async deliver(name: MessageName, handler: LambdaHandler<unknown, unknown>) {
      for (let got = queue.receive(name); got; got = queue.receive(name)) {
        const failedAttempts = Number(got.properties.headers?.['x-attempts'] ?? 0);
        const event = rmqEvent(name, Buffer.from(got.body).toString(), { failedAttempts });
        try {
          await handler(event, lambdaContext);
          await got.ack();
        } catch {
          await got.requeue();
        }
      }
    },

    /** Lets hours pass, with the janitor at work in each. */
    async pass(hours: number, afterEach: () => Promise<void> = async () => {}) {
      for (let hour = 0; hour < hours; hour += 1) {
        clock.advance(HOUR_MS);
        await createJanitor(deps)({}, lambdaContext);
        await afterEach();
      }
    },
  };
}

export type FakeWorld = ReturnType<typeof fakeWorld>;

async function* pieces(content: string) {
  yield Buffer.from(content);
}
