import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Unavailable } from '../../domain/errors.ts';
import type { ByteRange } from '../../domain/media.ts';
import type { MediaSource } from '../../ports/transcoder.ts';

/**
 * A client that wants everything from some place on often jumps away again soon; one that stays
 * gets larger parts, so that a store is asked seldom for what is wanted and little for what is not.
 */
const FIRST_PART_BYTES = 256 * 1024;
const LARGEST_PART_BYTES = 4 * 1024 * 1024;
/** Read from the source before the client has taken what it was sent. */
const READ_AHEAD_BYTES = 512 * 1024;

export interface RangeServer {
  readonly url: string;
  /** Ends every connection, whatever it is doing. */
  close(): Promise<void>;
}

export interface RangeServerEvents {
  /** So many bytes more were read from the source. */
  readonly onRead: (bytes: number) => void;
  /** The source failed; the connection that wanted it is cut. */
  readonly onSourceError: (error: unknown) => void;
}

/**
 * Serves one source by HTTP to programs on this machine, by ranges (RFC 9110, section 14), under an
 * address that nobody can guess.
 */
export async function serveRanges(
  source: MediaSource,
  events: RangeServerEvents,
): Promise<RangeServer> {
  const path = `/${randomBytes(24).toString('base64url')}`;
  // A client may rest between two requests for as long as its work takes.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    if (request.url !== path) return void response.writeHead(404).end();
    answer(source, events, request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port to listen on');
  return {
    url: `http://127.0.0.1:${address.port}${path}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  source: MediaSource,
  events: RangeServerEvents,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  }
  const asked = askedRange(request.headers.range, source.sizeBytes);
  if (asked !== undefined && asked.start >= asked.end) {
    return void response.writeHead(416, { 'content-range': `bytes */${source.sizeBytes}` }).end();
  }
  const { start, end } = asked ?? { start: 0, end: source.sizeBytes };
  response.writeHead(asked === undefined ? 200 : 206, {
    'accept-ranges': 'bytes',
    'content-length': end - start,
    'content-type': 'application/octet-stream',
    ...(asked && { 'content-range': `bytes ${start}-${end - 1}/${source.sizeBytes}` }),
  });
  if (method === 'HEAD') return void response.end();
  const pieces = readInParts(source, { start, end }, events, () => response.destroyed);
  const readAhead = { objectMode: false, highWaterMark: READ_AHEAD_BYTES };
  await pipeline(Readable.from(pieces, readAhead), response);
}

/** The range that a header asks for; `undefined` when it asks for none, or in a way of many. */
function askedRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined) return undefined;
  const end = last === '' || last === undefined ? sizeBytes : Number(last) + 1;
  return { start: Number(first), end: Math.min(end, sizeBytes) };
}

async function* readInParts(
  source: MediaSource,
  { start, end }: ByteRange,
  events: RangeServerEvents,
  isGivenUp: () => boolean,
): AsyncGenerator<Uint8Array> {
  let partBytes = FIRST_PART_BYTES;
  try {
    for (let at = start; at < end; partBytes = Math.min(partBytes * 2, LARGEST_PART_BYTES)) {
      const partEnd = Math.min(at + partBytes, end);
      for await (const piece of source.readRange({ start: at, end: partEnd })) {
        at += piece.length;
        events.onRead(piece.length);
        yield piece;
      }
      if (at !== partEnd) throw endsAt(at, partEnd);
    }
  } catch (error) {
    if (!isGivenUp()) events.onSourceError(error);
    throw error;
  }
}

/** Never to be taken for the end of the sound: the store has lost what it said it had. */
function endsAt(at: number, expected: number): Unavailable {
  return new Unavailable('files', { cause: new Error(`the source ends at ${at} of ${expected}`) });
}
