import contentDisposition from 'content-disposition';
import type { Context } from 'hono';
import { Refused } from '../../src/domain/errors.ts';
import type { ByteRange } from '../../src/domain/media.ts';
import type { ApiEnv } from '../../src/http/api.ts';
import { decideRange, type RangeDecision } from './byte-range.ts';
import { PART_BYTES } from './part-size.ts';
import type { AudioDownload } from './ready-audio.ts';

/** How much one answer can carry. */
export interface Carrier {
  /** A longer part is cut to this. */
  readonly maxPartBytes: number;
  /** A larger whole is refused, by an answer that asks for parts. */
  readonly maxWholeBytes: number;
}

interface Given {
  readonly carrier: Carrier;
  readonly isInline: boolean;
  /** Where that is streamed which one answer cannot carry; `undefined`: nowhere. */
  readonly streamedAt?: (() => string) | undefined;
}

/**
 * Answers GET and HEAD with the MP3: the one place that decides by the conditions and ranges of
 * RFC 9110, for every function and every kind of link that leads to it.
 */
export function answerAudio(
  context: Context<ApiEnv>,
  audio: AudioDownload,
  given: Given,
): Response {
  const { sizeBytes } = audio;
  const { range: rangeHeader, ...conditions } = headersOf(context);
  context.header('accept-ranges', 'bytes');
  context.header('etag', audio.etag);
  context.header('cache-control', 'private, max-age=0, must-revalidate');
  // Section 13.2.1: where the answer is a redirect or a refusal, conditions are ignored.
  const withoutConditions = decideRange({ range: rangeHeader }, audio);
  const decision = isCarried(audio, given, withoutConditions)
    ? decideRange({ range: rangeHeader, ...conditions }, audio)
    : withoutConditions;
  if (decision.status === 416) {
    context.header('content-range', `bytes */${sizeBytes}`);
    throw new Refused('range-not-satisfiable', `The file has ${sizeBytes} bytes.`);
  }
  if (decision.status === 412) {
    throw new Refused('precondition-failed', 'The MP3 is not the one that If-Match names.');
  }
  if (decision.status === 304) return context.body(null, 304);
  if (!isCarried(audio, given, decision)) {
    if (given.streamedAt === undefined) throw askForParts(sizeBytes);
    return sendOn(context, given.streamedAt());
  }

  const wanted = wantedOf(decision, audio);
  const range = decision.status === 206 ? shortened(wanted, given.carrier.maxPartBytes) : wanted;
  context.header('content-type', 'audio/mpeg');
  context.header('content-length', String(range.end - range.start));
  context.header('content-disposition', disposition(audio.fileName, given.isInline));
  if (decision.status === 206) {
    context.header('content-range', `bytes ${range.start}-${range.end - 1}/${sizeBytes}`);
  }
  if (context.req.method === 'HEAD') return context.body(null, decision.status);
  return context.body(ReadableStream.from(audio.read(range)), decision.status);
}

/**
 * Lets scripts of any page read an answer (https://fetch.spec.whatwg.org/#http-cors-protocol). It is for
 * those alone that are opened by a key in the address: no cookie and no token opens more.
 */
export function allowEveryOrigin(context: Context<ApiEnv>): void {
  context.header('access-control-allow-origin', '*');
  context.header('access-control-expose-headers', 'accept-ranges, content-range, etag');
}

/** Whether one answer can be what was decided; if not, it is sent on or refused. */
function isCarried(
  audio: AudioDownload,
  { carrier, streamedAt }: Given,
  decision: RangeDecision,
): boolean {
  const { start, end } = wantedOf(decision, audio);
  if (streamedAt && end - start > carrier.maxPartBytes) return false;
  return decision.status !== 200 || end <= carrier.maxWholeBytes;
}

/** The bytes that the answer would have, if nobody shortened it. */
function wantedOf(decision: RangeDecision, { sizeBytes }: AudioDownload): ByteRange {
  if (decision.status === 206) return decision.range;
  return { start: 0, end: decision.status === 200 ? sizeBytes : 0 };
}

function headersOf({ req }: Context<ApiEnv>) {
  return {
    // Section 14.2: it means something to GET alone.
    range: req.method === 'GET' ? req.header('range') : undefined,
    ifRange: req.header('if-range'),
    ifMatch: req.header('if-match'),
    ifNoneMatch: req.header('if-none-match'),
  };
}

/** Section 15.4.8 of RFC 9110: the method stays the same. The address holds for minutes: nobody keeps it. */
function sendOn(context: Context<ApiEnv>, address: string): Response {
  context.header('etag', undefined);
  context.header('cache-control', 'private, no-store');
  return context.redirect(address, 307);
}

/**
 * Section 15.3.7 of RFC 9110: what a 206 holds is said by its Content-Range, and may be less than was
 * asked for. So no answer is larger than a function can give.
 */
function shortened({ start, end }: ByteRange, maxPartBytes: number): ByteRange {
  return { start, end: Math.min(end, start + maxPartBytes) };
}

function askForParts(sizeBytes: number): Refused {
  const partMib = PART_BYTES / 1024 / 1024;
  return new Refused(
    'too-large',
    `The MP3 has ${sizeBytes} bytes. Ask for parts of it by Range, of ${partMib} MiB at the most.`,
  );
}

/** RFC 6266: the name as it is for those who read RFC 8187, and in ASCII for the others. */
function disposition(fileName: string, isInline: boolean): string {
  return contentDisposition(fileName, {
    type: isInline ? 'inline' : 'attachment',
    fallback: fileName.replace(/[^\x20-\x7e]/g, '?'),
  });
}
