import { createHash } from 'node:crypto';
import { Agent, get, type IncomingMessage } from 'node:http';

const PART_BYTES = 1024 * 1024;

/** How a file is taken: by one request, or by one after the other over one connection. */
export type Way = 'whole' | '1 MiB ranges';

/** Takes a file once and returns how long it took, without looking at what came. */
export async function take(
  url: string,
  way: Way,
  sizeBytes: number,
  onPiece: (piece: Buffer) => void = () => {},
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const startedAt = performance.now();
  let taken = 0;
  const count = (piece: Buffer) => {
    taken += piece.byteLength;
    onPiece(piece);
  };
  try {
    if (way === 'whole') {
      await request(agent, url, undefined, count);
    } else {
      while (taken < sizeBytes) {
        const last = Math.min(taken + PART_BYTES, sizeBytes) - 1;
        await request(agent, url, `bytes=${taken}-${last}`, count);
      }
    }
    const wallMs = performance.now() - startedAt;
    if (taken !== sizeBytes) throw new Error(`${taken} bytes came of ${sizeBytes}`);
    return wallMs;
  } finally {
    agent.destroy();
  }
}

/** The same, and the digest of what came. */
export async function takeDigest(url: string, way: Way, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  await take(url, way, sizeBytes, (piece) => void hash.update(piece));
  return hash.digest('hex');
}

async function request(
  agent: Agent,
  url: string,
  range: string | undefined,
  onPiece: (piece: Buffer) => void,
): Promise<void> {
  const headers = range === undefined ? {} : { range };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers }, resolve).once('error', reject);
  });
  const status = range === undefined ? 200 : 206;
  if (answer.statusCode !== status) throw new Error(`${url} answered ${answer.statusCode}`);
  for await (const piece of answer) onPiece(piece);
}
