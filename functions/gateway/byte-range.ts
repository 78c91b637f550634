import type { ByteRange } from '../../src/domain/media.ts';

/** What the conditions and ranges of a GET or HEAD are measured against. */
export interface Representation {
  readonly sizeBytes: number;
  /** A strong validator with its quotes: `"…"`. */
  readonly etag: string;
}

export interface RangeHeaders {
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export type RangeDecision =
  | { readonly status: 200 }
  | { readonly status: 206; readonly range: ByteRange }
  | { readonly status: 304 }
  | { readonly status: 412 }
  | { readonly status: 416 };

/**
 * Decides what a GET or HEAD is answered with, in the order of RFC 9110, section 13.2.2. There is no
 * Last-Modified, so If-Modified-Since says nothing (section 13.1.3) and a date in If-Range never holds.
 */
export function decideRange(headers: RangeHeaders, file: Representation): RangeDecision {
  const { ifMatch, ifNoneMatch } = headers;
  // Section 13.1.1: the comparison is strong.
  if (ifMatch !== undefined && !listsTag(ifMatch, [file.etag])) return { status: 412 };
  if (isUnchanged(ifNoneMatch, file.etag)) return { status: 304 };
  const { range, ifRange } = headers;
  // Section 13.1.5: the comparison is strong.
  const isForThisFile = ifRange === undefined || ifRange.trim() === file.etag;
  return range !== undefined && isForThisFile ? parseRange(range, file.sizeBytes) : { status: 200 };
}

/** Whether If-None-Match names it. RFC 9110, section 13.1.2: the comparison is weak. */
export function isUnchanged(ifNoneMatch: string | undefined, etag: string): boolean {
  return ifNoneMatch !== undefined && listsTag(ifNoneMatch, [etag, `W/${etag}`]);
}

/**
 * Section 14.2: a range that is malformed, of another unit, or one of several may be ignored, and is;
 * only one that is well-formed and touches no byte is 416. Of a file without bytes all are ignored.
 */
function parseRange(header: string, sizeBytes: number): RangeDecision {
  if (sizeBytes === 0) return { status: 200 };
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header);
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return { status: 200 };
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    if (length === 0) return { status: 416 };
    return { status: 206, range: { start: sizeBytes - length, end: sizeBytes } };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return { status: 200 };
  if (start >= sizeBytes) return { status: 416 };
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  return { status: 206, range: { start, end } };
}

function listsTag(list: string, tags: readonly string[]): boolean {
  return list.trim() === '*' || list.split(',').some((tag) => tags.includes(tag.trim()));
}
