import { ERRORS, Server } from '@tus/server';
import { v7 as uuidv7 } from 'uuid';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import type { Conversion } from '../../src/domain/conversion.ts';
import { Refused, SoundliftError } from '../../src/domain/errors.ts';
import { UPLOAD_KEPT_MS } from '../../src/domain/upload.ts';
import { CHECKSUM_ALGORITHMS } from './checksum.ts';
import { PART_BYTES } from './part-size.ts';
import { type TusRequest, TusStore, type TusStoreDeps } from './tus-store.ts';

interface TusDeps extends TusStoreDeps {
  readonly maxUploadBytes: number;
  /** Under which the uploads are. */
  readonly path: string;
}

/**
 * Answers a request by the tus server, one of its own: the server knows neither who asks nor what was
 * announced, and its store has to.
 *
 * @throws {SoundliftError} for every refusal, also for those of the server
 */
export async function answerByTus(
  deps: TusDeps,
  raw: Request,
  request: TusRequest,
): Promise<Response> {
  const store = new TusStore(deps, request);
  const server = new Server({
    path: deps.path,
    datastore: store,
    locker: store,
    maxSize: deps.maxUploadBytes,
    // Behind API Gateway and other proxies nobody knows the host that the client sees.
    relativeLocation: true,
    namingFunction: () => uuidv7(),
    onResponseError: (_request, error) => {
      throw asRefusal(error);
    },
  });
  try {
    const response = await server.handleWeb(toTusRequest(raw, request.method));
    if (response.status >= 400) throw new Refused('malformed', (await response.text()).trim());
    return toAnswer(deps, response, request.method, store.conversion);
  } catch (error) {
    const { conversion } = store;
    // Nobody has been told its address. What cannot be removed now, janitor removes in a day.
    if (request.method === 'POST' && conversion) {
      await eraseConversion(deps, conversion.id).catch(() => undefined);
    }
    throw error;
  }
}

/** What the server needs of a request: the protocol's own headers, and nothing of proxies. */
function toTusRequest(raw: Request, method: string): Request {
  const own = /^(tus|upload|content)-/;
  const headers = new Headers([...raw.headers].filter(([name]) => own.test(name)));
  const { origin, pathname } = new URL(raw.url);
  const body = raw.body ? { body: raw.body, duplex: 'half' as const } : {};
  return new Request(`${origin}${pathname}`, { method, headers, ...body });
}

/** The protocol's headers of its answer, and what goes beyond the server. */
function toAnswer(
  deps: TusDeps,
  response: Response,
  method: string,
  conversion: Conversion | undefined,
): Response {
  const own = /^(tus|upload)-|^(location|cache-control)$/;
  const headers = new Headers([...response.headers].filter(([name]) => own.test(name)));
  if (method === 'OPTIONS') {
    headers.delete('tus-resumable');
    headers.set('tus-checksum-algorithm', CHECKSUM_ALGORITHMS.join(','));
  }
  if (method === 'OPTIONS' || method === 'POST') {
    // https://www.ietf.org/archive/id/draft-ietf-httpbis-resumable-upload-09.html#name-limits
    const limits = { 'max-size': deps.maxUploadBytes, 'max-append-size': PART_BYTES };
    headers.set('upload-limit', toDictionary({ ...limits, 'max-age': UPLOAD_KEPT_MS / 1000 }));
  }
  const { state, upload } = conversion ?? {};
  if (method === 'HEAD' && upload?.metadata) headers.set('upload-metadata', upload.metadata);
  if (state === 'uploading' && upload) {
    headers.set('upload-expires', upload.expiresAt.toUTCString());
  }
  return new Response(null, { status: response.status, headers });
}

/** RFC 9651, section 3.2. */
function toDictionary(members: Readonly<Record<string, number>>): string {
  return Object.entries(members)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}

/** What the server throws is an object with a status; what our store throws is an error of our own. */
function asRefusal(error: Error | { status_code: number; body: string }): Error {
  if (error instanceof SoundliftError) return error;
  if (!('status_code' in error)) return error;
  if (error === ERRORS.INVALID_OFFSET) {
    return new Refused('offset-mismatch', 'Ask by HEAD where to go on.');
  }
  const code = CODES[error.status_code];
  if (code === undefined) return new Error(error.body);
  return new Refused(code, error.body.trim());
}

const CODES: Partial<Record<number, 'malformed' | 'not-found' | 'expired' | 'too-large'>> = {
  400: 'malformed',
  404: 'not-found',
  410: 'expired',
  413: 'too-large',
  // An extension that is not offered.
  501: 'malformed',
};
