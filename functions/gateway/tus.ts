import type { Context, MiddlewareHandler } from 'hono';
import { finishUpload } from '../../src/conversions/finish-upload.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, isUploadUnfinished } from '../../src/domain/conversion.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { Identity } from '../../src/domain/user.ts';
import type { Api, ApiEnv } from '../../src/http/api.ts';
import { authenticate } from '../../src/http/authenticate.ts';
import type { TokenVerifier } from '../../src/ports/token-verifier.ts';
import { parseChecksum } from './checksum.ts';
import { showConversion } from './show-conversion.ts';
import { PART_TYPE, TUS_VERSION } from './tus-protocol.ts';
import type { TusRequest } from './tus-store.ts';
import type { QuotaDeps } from './within-quota.ts';

interface UploadsDeps extends SettleDeps, QuotaDeps {
  readonly tokens: TokenVerifier;
  readonly maxUploadBytes: number;
}

const PATH = '/api/v1/uploads';

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
    if (context.req.raw.body) expectPartType(context);
    const { parseMetadata } = await import('./tus-headers.ts');
    const said = parseMetadata(context.req.header('upload-metadata'));
    const announced = { owner: context.get('token').identity, ...said };
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
  if (methodOf(context) !== 'OPTIONS') context.header('tus-resumable', TUS_VERSION);
};

/**
 * "If the version specified by the Client is not supported by the Server, it MUST respond with the
 * 412 Precondition Failed status and MUST include the Tus-Version header into the response."
 */
const expectVersion: MiddlewareHandler<ApiEnv> = async (context, next) => {
  if (methodOf(context) !== 'OPTIONS' && context.req.header('tus-resumable') !== TUS_VERSION) {
    context.header('tus-version', TUS_VERSION);
    throw new Refused('protocol-version', `Send the header Tus-Resumable: ${TUS_VERSION}.`);
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
  expectPartType(context);
  if (context.req.header('upload-offset') === undefined) {
    throw new Refused('malformed', 'Send the header Upload-Offset: where this part begins.');
  }
}

/** Of whatever brings bytes, a creation too: the server would take no notice of them. */
function expectPartType(context: Context<ApiEnv>): void {
  if (context.req.header('content-type') !== PART_TYPE) {
    throw new Refused('unsupported-media-type', `Send the header Content-Type: ${PART_TYPE}.`);
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

/** The tus server is loaded by the first request that needs it: starting costs time. */
async function answer(
  deps: UploadsDeps,
  context: Context<ApiEnv>,
  request: TusRequest,
): Promise<Response> {
  const { answerByTus } = await import('./tus-answer.ts');
  return await answerByTus({ ...deps, path: PATH }, context.req.raw, request);
}
