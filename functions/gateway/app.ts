import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { InvalidInput, Refused } from '../../src/domain/errors.ts';
import type { Quota } from '../../src/domain/quota.ts';
import { type Api, type ApiEnv, createApi } from '../../src/http/api.ts';
import { authenticate } from '../../src/http/authenticate.ts';
import { RETRY_AFTER_SECONDS } from '../../src/http/problem.ts';
import type { Logger } from '../../src/logger.ts';
import type { LinkSigner } from '../../src/ports/link-signer.ts';
import type { TokenVerifier } from '../../src/ports/token-verifier.ts';
import { allowEveryOrigin, answerAudio, type Carrier } from './answer-audio.ts';
import { cancelConversion } from './cancel-conversion.ts';
import { checkHealth, type Probe } from './check-health.ts';
import { deleteConversion } from './delete-conversion.ts';
import { addDocs } from './docs.ts';
import { downloadAudio } from './download-audio.ts';
import { listConversions } from './list-conversions.ts';
import { makeLink } from './make-link.ts';
import { openLink } from './open-link.ts';
import { toConversionOptions } from './options-form.ts';
import { addPage } from './page.ts';
import { PART_BYTES } from './part-size.ts';
import { type AudioDownload, readyAudio } from './ready-audio.ts';
import { revokeLinks } from './revoke-links.ts';
import {
  cancelRoute,
  deleteRoute,
  downloadRoute,
  healthRoute,
  jwksRoute,
  linkRoute,
  listRoute,
  makeLinkRoute,
  revokeLinksRoute,
  statusRoute,
  uploadRoute,
} from './routes.ts';
import { toConversionView } from './schemas.ts';
import { showConversion } from './show-conversion.ts';
import { streamAddress } from './stream-address.ts';
import { addUploads } from './tus.ts';
import { uploadVideo } from './upload-video.ts';

export interface GatewayDeps extends SettleDeps {
  readonly tokens: TokenVerifier;
  readonly links: LinkSigner;
  /** Where *stream* is reached; `undefined`: everything is answered here. */
  readonly streamUrl?: string | undefined;
  /** Where the service is reached, without a slash at the end. */
  readonly publicUrl: string;
  readonly logger: Logger;
  readonly probes: readonly Probe[];
  readonly maxUploadBytes: number;
  readonly quota: Quota;
}

/** API Gateway carries no more in one request. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Of a whole MP3 hosts other than Lambda carry more; there is an end to their memory too. */
const CARRIER: Carrier = { maxPartBytes: PART_BYTES, maxWholeBytes: 128 * 1024 * 1024 };

/** The HTTP API of *gateway*: uploads, conversions, downloads, and what the service says of itself. */
export function createGatewayApp(deps: GatewayDeps): Api {
  const api = createApi(deps);
  api.use('/api/v1/files/*', authenticate(deps.tokens));
  api.use('/api/v1/files', refuseLargeBodies());

  addUploads(api, deps);

  api.openapi(uploadRoute, async (context) => {
    const { video, ...options } = context.req.valid('form');
    if (video.size === 0) throw new InvalidInput([{ field: 'video', message: 'is empty' }]);
    const conversion = await uploadVideo(deps, {
      owner: context.get('token').identity,
      fileName: video.name,
      sizeBytes: video.size,
      content: video.stream(),
      options: toConversionOptions(options),
    });
    const { id, state } = conversion;
    return context.json({ file_id: id, filename: conversion.video.fileName, status: state }, 202);
  });

  api.openapi(listRoute, async (context) => {
    const { state: states, limit, cursor } = context.req.valid('query');
    const owner = context.get('token').identity;
    const page = await listConversions(deps, { owner, states, limit, cursor });
    const now = deps.clock.now();
    return context.json(
      { items: page.items.map((item) => toConversionView(item, now)), next: page.next ?? null },
      200,
    );
  });

  api.openapi(statusRoute, async (context) => {
    const { id } = context.req.valid('param');
    const conversion = await showConversion(deps, { owner: context.get('token').identity, id });
    return context.json(toConversionView(conversion, deps.clock.now()), 200);
  });

  api.openapi(downloadRoute, async (context) => {
    const { id } = context.req.valid('param');
    const isInline = context.req.valid('query').inline === '1';
    const audio = await downloadAudio(deps, { owner: context.get('token').identity, id });
    return answerDownload(deps, context, audio, isInline);
  });

  api.openapi(linkRoute, async (context) => {
    const { id } = context.req.valid('param');
    const { key, inline } = context.req.valid('query');
    context.header('cache-control', 'private, no-store');
    // Whoever has the link may play it on a page of their own.
    context.header('cross-origin-resource-policy', 'cross-origin');
    allowEveryOrigin(context);
    const conversion = await openLink(deps, { purpose: 'download', id, key });
    const audio = await readyAudio(deps.files, conversion);
    return answerDownload(deps, context, audio, inline === '1');
  });

  api.openapi(makeLinkRoute, async (context) => {
    const { id } = context.req.valid('param');
    const owner = context.get('token').identity;
    const { url, expiresAt } = await makeLink(deps, { owner, id });
    context.header('cache-control', 'private, no-store');
    return context.json({ url, expires_at: expiresAt.toISOString() }, 200);
  });

  api.openapi(revokeLinksRoute, async (context) => {
    const { id } = context.req.valid('param');
    await revokeLinks(deps, { owner: context.get('token').identity, id });
    return context.body(null, 204);
  });

  api.openapi(cancelRoute, async (context) => {
    const { id } = context.req.valid('param');
    const conversion = await cancelConversion(deps, { owner: context.get('token').identity, id });
    return context.json(toConversionView(conversion, deps.clock.now()), 200);
  });

  api.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid('param');
    await deleteConversion(deps, { owner: context.get('token').identity, id });
    return context.body(null, 204);
  });

  api.openapi(healthRoute, async (context) => {
    const health = await checkHealth(deps.probes);
    if (health.status !== 'ok') context.header('retry-after', String(RETRY_AFTER_SECONDS));
    return context.json(health, health.status === 'ok' ? 200 : 503);
  });

  api.get(jwksRoute.path, (context) => {
    context.header('cache-control', 'public, max-age=300');
    return context.json(deps.tokens.jwks);
  });

  addDocs(api);
  addPage(api, deps);
  return api;
}

function answerDownload(
  deps: GatewayDeps,
  context: Context<ApiEnv>,
  audio: AudioDownload,
  isInline: boolean,
): Response {
  const { streamUrl } = deps;
  const streamedAt =
    streamUrl === undefined ? undefined : () => streamAddress(deps, { streamUrl, audio, isInline });
  return answerAudio(context, audio, { carrier: CARRIER, isInline, streamedAt });
}

function refuseLargeBodies() {
  return bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      const limit = `${MAX_BODY_BYTES / 1024 / 1024} MiB`;
      throw new Refused(
        'too-large',
        `One request can carry ${limit} at the most. Upload it in parts: /api/v1/uploads speaks tus 1.0.`,
      );
    },
  });
}
