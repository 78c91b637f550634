import contentDisposition from 'content-disposition';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { InvalidInput, Refused } from '../../src/domain/errors.ts';
import type { ByteRange } from '../../src/domain/media.ts';
import { type Api, type ApiEnv, createApi } from '../../src/http/api.ts';
import { authenticate } from '../../src/http/authenticate.ts';
import type { Logger } from '../../src/logger.ts';
import type { TokenVerifier } from '../../src/ports/token-verifier.ts';
import { decideRange } from './byte-range.ts';
import { checkHealth, type Probe } from './check-health.ts';
import { deleteConversion } from './delete-conversion.ts';
import { addDocs } from './docs.ts';
import { downloadAudio } from './download-audio.ts';
import { listConversions } from './list-conversions.ts';
import { toConversionOptions } from './options-form.ts';
import {
  deleteRoute,
  downloadRoute,
  healthRoute,
  jwksRoute,
  listRoute,
  statusRoute,
  uploadRoute,
} from './routes.ts';
import { toConversionView } from './schemas.ts';
import { showConversion } from './show-conversion.ts';
import { addUploads } from './tus.ts';
import { uploadVideo } from './upload-video.ts';

export interface GatewayDeps extends SettleDeps {
  readonly tokens: TokenVerifier;
  readonly logger: Logger;
  readonly probes: readonly Probe[];
  readonly maxUploadBytes: number;
}

/** API Gateway carries no more in one request. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** An answer is whole in memory, and base64 on its way: what Lambda carries of that is 6 MB. */
const MAX_PART_BYTES = 4 * 1024 * 1024;
/** Of a whole MP3 hosts other than Lambda carry more; there is an end to their memory too. */
const MAX_WHOLE_BYTES = 128 * 1024 * 1024;

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
      content: video.stream(),
      options: toConversionOptions(options),
    });
    const { id, state } = conversion;
    return context.json({ file_id: id, filename: conversion.video.fileName, status: state }, 202);
  });

  api.openapi(listRoute, async (context) => {
    const query = context.req.valid('query');
    const page = await listConversions(deps, { owner: context.get('token').identity, ...query });
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
    return await answerDownload(deps, context, context.req.valid('param').id);
  });

  api.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid('param');
    await deleteConversion(deps, { owner: context.get('token').identity, id });
    return context.body(null, 204);
  });

  api.openapi(healthRoute, async (context) => {
    const health = await checkHealth(deps.probes);
    return context.json(health, health.status === 'ok' ? 200 : 503);
  });

  api.get(jwksRoute.path, (context) => {
    context.header('cache-control', 'public, max-age=300');
    return context.json(deps.tokens.jwks);
  });

  addDocs(api);
  return api;
}

async function answerDownload(deps: GatewayDeps, context: Context<ApiEnv>, id: string) {
  const { identity } = context.get('token');
  const audio = await downloadAudio(deps, { owner: identity, id });
  const decision = decideRange(
    {
      // Section 14.2: it means something to GET alone.
      range: context.req.method === 'GET' ? context.req.header('range') : undefined,
      ifRange: context.req.header('if-range'),
      ifMatch: context.req.header('if-match'),
      ifNoneMatch: context.req.header('if-none-match'),
    },
    audio,
  );
  const { sizeBytes } = audio;
  context.header('accept-ranges', 'bytes');
  context.header('etag', audio.etag);
  context.header('cache-control', 'private, max-age=0, must-revalidate');
  if (decision.status === 416) {
    context.header('content-range', `bytes */${sizeBytes}`);
    throw new Refused('range-not-satisfiable', `The file has ${sizeBytes} bytes.`);
  }
  if (decision.status === 412) {
    throw new Refused('precondition-failed', 'The MP3 is not the one that If-Match names.');
  }
  if (decision.status === 304) return context.body(null, 304);

  const range = decision.status === 206 ? shortened(decision.range) : { start: 0, end: sizeBytes };
  const isTooLarge = range.end - range.start > MAX_WHOLE_BYTES && context.req.method === 'GET';
  if (isTooLarge) throw askForParts(sizeBytes);
  context.header('content-type', 'audio/mpeg');
  context.header('content-length', String(range.end - range.start));
  context.header('content-disposition', attachment(audio.fileName));
  if (decision.status === 206) {
    context.header('content-range', `bytes ${range.start}-${range.end - 1}/${sizeBytes}`);
  }
  if (context.req.method === 'HEAD') return context.body(null, decision.status);
  return context.body(ReadableStream.from(audio.read(range)), decision.status);
}

/**
 * Section 15.3.7 of RFC 9110: what a 206 holds is said by its Content-Range, and may be less than was
 * asked for. So no answer is larger than a function can give.
 */
function shortened({ start, end }: ByteRange): ByteRange {
  return { start, end: Math.min(end, start + MAX_PART_BYTES) };
}

function askForParts(sizeBytes: number): Refused {
  const partMib = MAX_PART_BYTES / 1024 / 1024;
  return new Refused(
    'too-large',
    `The MP3 has ${sizeBytes} bytes. Ask for parts of it by Range, of ${partMib} MiB at the most.`,
  );
}

/** RFC 6266: the name as it is for those who read RFC 8187, and in ASCII for the others. */
function attachment(fileName: string): string {
  return contentDisposition(fileName, { fallback: fileName.replace(/[^\x20-\x7e]/g, '?') });
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
