import { expect, test } from 'vitest';
import { decideRange } from '../../functions/gateway/byte-range.ts';

const FILE = { sizeBytes: 1_000, etag: '"abc"' };
const part = (start: number, end: number) => ({ status: 206, range: { start, end } });

test.each([
  // RFC 9110, section 14.1.2
  ['bytes=0-499', part(0, 500)],
  ['bytes=500-999', part(500, 1_000)],
  ['bytes=-500', part(500, 1_000)],
  ['bytes=9500-', { status: 416 }],
  ['bytes=0-0', part(0, 1)],
  ['bytes=-1', part(999, 1_000)],
  ['bytes=999-', part(999, 1_000)],
  ['bytes=0-', part(0, 1_000)],
  ['BYTES=0-9', part(0, 10)],
  // An end behind the file's is the file's; so is a suffix that is longer than the file.
  ['bytes=990-5000', part(990, 1_000)],
  ['bytes=-5000', part(0, 1_000)],
  ['bytes=1000-', { status: 416 }],
  ['bytes=1000-1001', { status: 416 }],
  ['bytes=-0', { status: 416 }],
  // Malformed, other units, several: ignored.
  ['bytes=5-2', { status: 200 }],
  ['bytes=-', { status: 200 }],
  ['bytes=a-b', { status: 200 }],
  ['bytes=0-1,5-6', { status: 200 }],
  ['seconds=0-1', { status: 200 }],
  ['0-1', { status: 200 }],
])('Range: %s', (range, decision) => {
  expect(decideRange({ range }, FILE)).toEqual(decision);
});

// RFC 9110, section 14.2: "A server that supports range requests MAY ignore a Range header field when the
// selected representation has no content". Section 14.1.2: "When a selected representation has zero
// length, the only satisfiable form of range-spec in a GET request is a suffix-range with a non-zero
// suffix-length."
test.each(['bytes=-5', 'bytes=0-'])('an empty file is answered whole to Range: %s', (range) => {
  expect(decideRange({ range }, { ...FILE, sizeBytes: 0 })).toEqual({ status: 200 });
});

test.each([
  ['"abc"', 206],
  ['"other"', 200],
  ['W/"abc"', 200],
  ['Tue, 24 Nov 2026 12:00:00 GMT', 200],
])('If-Range: %s', (ifRange, status) => {
  expect(decideRange({ range: 'bytes=0-9', ifRange }, FILE).status).toBe(status);
});

test.each([
  ['"abc"', 304],
  ['W/"abc"', 304],
  ['"x", "abc"', 304],
  ['*', 304],
  ['"x"', 200],
])('If-None-Match: %s', (ifNoneMatch, status) => {
  expect(decideRange({ ifNoneMatch }, FILE).status).toBe(status);
});

test.each([
  ['"abc"', 200],
  ['*', 200],
  ['"x"', 412],
  ['W/"abc"', 412],
])('If-Match: %s', (ifMatch, status) => {
  expect(decideRange({ ifMatch }, FILE).status).toBe(status);
});

test('If-Match is looked at first, then If-None-Match, then Range', () => {
  expect(decideRange({ ifMatch: '"x"', ifNoneMatch: '"abc"' }, FILE).status).toBe(412);
  expect(decideRange({ ifNoneMatch: '"abc"', range: 'bytes=0-1' }, FILE).status).toBe(304);
});
