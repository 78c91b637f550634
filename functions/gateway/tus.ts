import { ERRORS, Server } from '@tus/server';
import type { Context, MiddlewareHandler } from 'hono';
import { v7 as uuidv7 } from 'uuid';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import { finishUpload } from '../../src/conversions/finish-upload.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, isUploadUnfinished } from '../../src/domain/conversion.ts';
import { Refused, SoundliftError } from '../../src/domain/errors.ts';
import { UPLOAD_KEPT_MS } from '../../src/domain/upload.ts';
import type { Identity } from '../../src/domain/user.ts';
import type { Api, ApiEnv } from '../../src/http/api.ts';
import { authenticate } from '../../src/http/authenticate.ts';
import type { TokenVerifier } from '../../src/ports/token-verifier.ts';
import { CHECKSUM_ALGORITHMS, parseChecksum } from './checksum.ts';
import { showConversion } from './show-conversion.ts';
import { parseMetadata } from './tus-headers.ts';
import { type TusRequest, TusStore } from './tus-store.ts';

interface UploadsDeps extends SettleDeps {
  readonly tokens: TokenVerifier;
  readonly maxUploadBytes: number;
}

const PATH = '/api/v1/uploads';
const VERSION = '1.0.0';
const PART_TYPE = 'application/offset+octet-stream';

/** A part in Base64, with its event around it, has to fit into the 6 MB that Lambda takes. */
const PART_BYTES = 4 * 1024 * 1024;

const METHODS_OF_ALL = ['OPTIONS', 'POST'];
const METHODS_OF_ONE = ['OPTIONS', 'HEAD', 'PATCH', 'DELETE'];

/**
 * Resumable uploads: tus 1.0 by its own server, and in front of it what it leaves open (who asks, the
 * checksum extension) or sees otherwise than the protocol (the statuses of refusals).
 * https://tus.io/protocols/resumable-upload
 */
export function addUploads(api: Api, deps: UploadsDeps): void {
  const signedIn = authenticate(deps.tokens);
  api.use(`${PATH}/*`, sayVersion);
  // Whether there are uploads at all may be asked by anybody; browsers ask it without a token.
  api.use(`${PATH}/*`, async (context, next) => {
    return methodOf(context) === 'OPTIONS' ? await next() : await signedIn(context, next);
  });
  api.use(`${PATH}/*`, expectVersion);

  api.all(PATH, async (context) => {
    const method = expectMethod(context, METHODS_OF_ALL);
    if (method === 'OPTIONS') return await answer(deps, context, { method });
    const { identity } = context.get('token');
    const announced = { owner: identity, ...parseMetadata(context.req.header('upload-metadata')) };
    return await answer(deps, context, { method, announced, checksum: checksumOf(context) });
  });

  api.all(`${PATH}/:id`, async (context) => {
    const method = expectMethod(context, METHODS_OF_ONE);
    if (method === 'OPTIONS') return await answer(deps, context, { method });
    if (method === 'PATCH') expectPart(context);
    const { identity } = context.get('token');
    const conversion = await findUpload(deps, identity, context.req.param('id'));
    return await answer(deps, context, { method, conversion, checksum: checksumOf(context) });
  });
}

/**
 * "The Tus-Resumable header MUST be included in every request and response except for OPTIONS
 * requests."
 */
const sayVersion: MiddlewareHandler<ApiEnv> = async (context, next) => {
  await next();
  if (methodOf(context) !== 'OPTIONS') context.header('tus-resumable', VERSION);
};

/**
 * "If the version specified by the Client is not supported by the Server, it MUST respond with the
 * 412 Precondition Failed status and MUST include the Tus-Version header into the response."
 */
const expectVersion: MiddlewareHandler<ApiEnv> = async (context, next) => {
  if (methodOf(context) !== 'OPTIONS' && context.req.header('tus-resumable') !== VERSION) {
    context.header('tus-version', VERSION);
    throw new Refused('protocol-version', `Send the header Tus-Resumable: ${VERSION}.`);
  }
  await next();
};

/**
 * "The X-HTTP-Method-Override request header MUST be a string which MUST be interpreted as the
 * request’s method by the Server, if the header is presented."
 */
function methodOf(context: Context<ApiEnv>): string {
  return context.req.header('x-http-method-override')?.toUpperCase() ?? context.req.raw.method;
}

function expectMethod(context: Context<ApiEnv>, methods: readonly string[]): string {
  const method = methodOf(context);
  if (methods.includes(method)) return method;
  context.header('allow', methods.join(', '));
  throw new Refused('method-not-allowed', `Here are: ${methods.join(', ')}.`);
}

/** What a PATCH has to have, with the status that the protocol wants when it has not. */
function expectPart(context: Context<ApiEnv>): void {
  if (context.req.header('content-type') !== PART_TYPE) {
    throw new Refused('unsupported-media-type', `Send the header Content-Type: ${PART_TYPE}.`);
  }
  if (context.req.header('upload-offset') === undefined) {
    throw new Refused('malformed', 'Send the header Upload-Offset: where this part begins.');
  }
}

function checksumOf(context: Context<ApiEnv>) {
  const header = context.req.header('upload-checksum');
  return header === undefined ? undefined : parseChecksum(header);
}

/**
 * One's own upload. If whoever took its last byte has died before it could say so, that is made up
 * for here.
 *
 * @throws {Refused} `not-found`, `expired`
 */
async function findUpload(deps: UploadsDeps, owner: Identity, id: string): Promise<Conversion> {
  const conversion = await showConversion(deps, { owner, id });
  const { upload, state } = conversion;
  if (upload === undefined) throw new Refused('not-found', 'It was not uploaded in parts.');
  if (isUploadUnfinished(conversion)) return await finishUpload(deps, conversion);
  if (state === 'uploading' && upload.expiresAt <= deps.clock.now()) {
    throw new Refused('expired', 'The upload was not gone on with for too long. Begin a new one.');
  }
  return conversion;
}

async function answer(
  deps: UploadsDeps,
  context: Context<ApiEnv>,
  request: TusRequest,
): Promise<Response> {
  const store = new TusStore(deps, request);
  const server = new Server({
    path: PATH,
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
    const response = await server.handleWeb(toTusRequest(context, request.method));
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
function toTusRequest(context: Context<ApiEnv>, method: string): Request {
  const { raw, path } = context.req;
  const headers = new Headers(
    [...raw.headers].filter(([name]) => /^(tus|upload|content)-/.test(name)),
  );
  const body = raw.body ? { body: raw.body, duplex: 'half' as const } : {};
  return new Request(new URL(path, raw.url), { method, headers, ...body });
}

/** The protocol's headers of its answer, and what goes beyond the server. */
function toAnswer(
  deps: UploadsDeps,
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
