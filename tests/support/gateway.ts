import { pino } from 'pino';
import { createGatewayApp, type GatewayDeps } from '../../functions/gateway/app.ts';
import type { Probe } from '../../functions/gateway/check-health.ts';
import { createHandler } from '../../functions/gateway/handler.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import type { Quota } from '../../src/domain/quota.ts';
import { fakeClock } from './fake-clock.ts';
import { fakeConversionStore } from './fake-conversion-store.ts';
import { fakeFileStore } from './fake-file-store.ts';
import { fakeQueue } from './fake-queue.ts';
import { callByHttp, lambdaContext, toEvent } from './http-event.ts';
import { createTestTokens } from './test-tokens.ts';
import { UNLIMITED } from './unlimited.ts';

export const ADA = {
  userId: '0199e0a8-7f1c-7c5e-9d55-00000000ada0',
  email: 'ada@example.org',
  sessionId: '0199e0a8-7f1c-7c5e-9d55-000000005e51',
};
export const EVE = {
  ...ADA,
  userId: '0199e0a8-7f1c-7c5e-9d55-00000000e4e0',
  email: 'eve@example.org',
};

/** The function on fakes, called as API Gateway calls it. */
export async function testGateway(
  given: {
    readonly probes?: readonly Probe[];
    readonly streamUrl?: string;
    readonly quota?: Partial<Quota>;
  } = {},
) {
  const clock = fakeClock();
  const tokens = await createTestTokens(clock);
  const stores = {
    files: fakeFileStore(),
    conversions: fakeConversionStore(),
    queue: fakeQueue(),
    clock,
  };
  const links = createHmacLinkSigner({ secret: 'a secret of a test, 32 characters' });
  const lines: string[] = [];
  const deps: GatewayDeps = {
    ...stores,
    links,
    streamUrl: given.streamUrl,
    publicUrl: 'https://soundlift.example',
    tokens: tokens.verifier,
    logger: pino({}, { write: (line: string) => void lines.push(line) }),
    probes: given.probes ?? [],
    maxUploadBytes: 1024 * 1024,
    quota: { ...UNLIMITED, ...given.quota },
  };
  const handler = createHandler(deps);
  const signedIn = async (who: typeof ADA, init: RequestInit) => {
    const headers = new Headers(init.headers);
    headers.set('authorization', await tokens.bearer(who));
    return { ...init, headers };
  };
  return {
    ...stores,
    links,
    handler,
    bearer: tokens.bearer,
    /** What the function has logged so far. */
    log: () => lines.join(''),
    call: (path: string, init: RequestInit = {}) => callByHttp(handler, path, init),
    /** The same as somebody who is signed in. */
    callAs: async (who: typeof ADA, path: string, init: RequestInit = {}) =>
      await callByHttp(handler, path, await signedIn(who, init)),
    /** What the function itself returns to Lambda. */
    resultAs: async (who: typeof ADA, path: string, init: RequestInit = {}) =>
      await handler(await toEvent(path, await signedIn(who, init)), lambdaContext),
    /** The same on a host that hands a body over while it arrives. */
    streamAs: async (
      who: typeof ADA,
      path: string,
      { headers, body, method = 'POST' }: RequestInit & { body: ReadableStream },
    ) => {
      const request = new Request(`https://soundlift.example${path}`, {
        method,
        headers: { ...Object(headers), authorization: await tokens.bearer(who) },
        body,
        duplex: 'half',
      });
      return await createGatewayApp(deps).fetch(request);
    },
  };
}

export type TestGateway = Awaited<ReturnType<typeof testGateway>>;

/** A multipart body with a file in one field, and other fields beside it. */
export function uploadBody(
  file: File | string,
  { field = 'video', ...others }: Record<string, string> = {},
): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(others)) form.set(name, value);
  form.set(field, file);
  return form;
}
