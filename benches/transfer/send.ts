import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { bytesAt } from '../../tests/support/generated-content.ts';

/** What clients are told to use: functions/gateway/tus-answer.ts. */
const PART_BYTES = 4 * 1024 * 1024;
/** Made before anything is measured; a part is a view of it. */
const CONTENT = bytesAt(0, 2 * PART_BYTES);

export interface Sent {
  readonly wallMs: number;
  /** Where it is now. */
  readonly address: string;
}

/** The bytes that every upload here consists of, a part after the other. */
export function* partsOf(sizeBytes: number): Generator<Buffer> {
  for (let sent = 0; sent < sizeBytes; sent += PART_BYTES) {
    // Two neighbouring parts differ: one that is lost or stored twice is noticed.
    const from = ((sent / PART_BYTES) * 4_096) % PART_BYTES;
    yield CONTENT.subarray(from, from + Math.min(PART_BYTES, sizeBytes - sent));
  }
}

/** Uploads by tus, one part after the other over one connection: from the first request to the last answer. */
export async function sendByTus(
  url: string,
  sizeBytes: number,
  headers: OutgoingHttpHeaders,
): Promise<Sent> {
  await using agent = oneConnection();
  const tus = { ...headers, 'tus-resumable': '1.0.0' };
  const startedAt = performance.now();
  const announced = { 'upload-length': sizeBytes, 'upload-metadata': METADATA };
  const made = await ask(agent, 'POST', url, { ...tus, ...announced }, 201);
  const address = new URL(made.headers.location ?? '', url).href;
  let offset = 0;
  for (const part of partsOf(sizeBytes)) {
    const type = 'application/offset+octet-stream';
    const own = { ...tus, 'content-type': type, 'upload-offset': offset };
    const { headers: answered } = await ask(agent, 'PATCH', address, own, 204, [part]);
    offset += part.byteLength;
    if (Number(answered['upload-offset']) !== offset) throw new Error(`${url} is not at ${offset}`);
  }
  return { wallMs: performance.now() - startedAt, address };
}

/** Uploads by one request. */
export async function sendWhole(url: string, sizeBytes: number): Promise<Sent> {
  await using agent = oneConnection();
  const startedAt = performance.now();
  const length = { 'content-length': sizeBytes };
  const made = await ask(agent, 'POST', url, length, 201, partsOf(sizeBytes));
  const address = new URL(made.headers.location ?? '', url).href;
  return { wallMs: performance.now() - startedAt, address };
}

export async function removeUpload(address: string, headers: OutgoingHttpHeaders): Promise<void> {
  await using agent = oneConnection();
  await ask(agent, 'DELETE', address, { ...headers, 'tus-resumable': '1.0.0' }, 204);
}

const METADATA = `filename ${Buffer.from('film.mp4').toString('base64')}`;

function oneConnection(): Agent & AsyncDisposable {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return Object.assign(agent, { [Symbol.asyncDispose]: async () => agent.destroy() });
}

async function ask(
  agent: Agent,
  method: string,
  url: string,
  headers: OutgoingHttpHeaders,
  expected: number,
  body: Iterable<Buffer> = [],
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asked = request(url, { agent, method, headers }, resolve).once('error', reject);
  for (const piece of body) {
    if (!asked.write(piece)) await Promise.race([drained(asked), promise]);
  }
  asked.end();
  const answer = await promise;
  let text = '';
  for await (const piece of answer) text += piece;
  if (answer.statusCode !== expected)
    throw new Error(`${method} ${url} answered ${answer.statusCode}: ${text}`);
  return answer;
}

function drained(stream: NodeJS.EventEmitter): Promise<void> {
  return new Promise((resolve) => void stream.once('drain', resolve));
}
