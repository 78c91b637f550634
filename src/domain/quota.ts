import { byteWords } from './byte-words.ts';
import { type Conversion, isCancellable, isRedrivable } from './conversion.ts';
import { type ErrorCode, Limited, Refused } from './errors.ts';

/** How much of the service one user may have; 0: without limit. */
export interface Quota {
  /** Of videos and MP3s, as long as they are kept. */
  readonly bytes: number;
  /** Begun within {@link QUOTA_WINDOW_MS}. */
  readonly conversionsPerDay: number;
  /** Not ended, those that are being uploaded among them. */
  readonly conversionsAtOnce: number;
}

/** How much of it one user has. */
export interface Usage {
  readonly storedBytes: number;
  readonly underWay: number;
}

/** How many conversions somebody has begun, and when that is counted anew. */
export interface Begun {
  readonly count: number;
  readonly until: Date;
}

/** From the first conversion on. */
export const QUOTA_WINDOW_MS = 24 * 60 * 60 * 1000;

/** By what a new conversion can be refused that is too much for its owner. */
export const QUOTA_REFUSALS = [
  'quota-exceeded',
  'too-many-conversions',
  'daily-limit-reached',
] as const satisfies readonly ErrorCode[];

/** Nobody knows when the next one ends; most take less. */
const ENDS_WITHIN_SECONDS = 60;

/** What is kept of it, in bytes; of an upload what is going to be. */
export function storedBytes(conversion: Conversion): number {
  const { state, audio } = conversion;
  return videoBytes(conversion) + (state === 'ready' ? (audio?.sizeBytes ?? 0) : 0);
}

function videoBytes(conversion: Conversion): number {
  const { state, video, upload, videoExpiresAt } = conversion;
  if (state === 'uploading' && upload) return upload.lengthBytes ?? upload.offsetBytes;
  const isKept =
    isCancellable(conversion) || isRedrivable(conversion) || videoExpiresAt !== undefined;
  return isKept ? video.sizeBytes : 0;
}

/** Whether this may be kept, and so many be under way. */
export function isWithin(usage: Usage, quota: Quota): boolean {
  return bytesLeft(usage, quota) >= 0 && areFewUnderWay(usage, quota);
}

/**
 * @throws {Limited} `too-many-conversions` when more are under way than may be
 * @throws {Refused} `quota-exceeded` when more is kept than may be
 */
export function expectWithin(usage: Usage, quota: Quota): void {
  if (!areFewUnderWay(usage, quota)) throw tooManyAtOnce(quota);
  expectStorage(usage, quota);
}

function areFewUnderWay({ underWay }: Usage, { conversionsAtOnce: max }: Quota): boolean {
  return max === 0 || underWay <= max;
}

/** @throws {Refused} `quota-exceeded` when more is kept than may be */
export function expectStorage(usage: Usage, quota: Quota): void {
  if (bytesLeft(usage, quota) < 0) throw quotaExceeded(quota);
}

/** How many more bytes may be kept; less than none when there are too many. */
export function bytesLeft(usage: Usage, quota: Quota): number {
  return quota.bytes === 0 ? Number.POSITIVE_INFINITY : quota.bytes - usage.storedBytes;
}

export function quotaExceeded(quota: Quota): Refused {
  return new Refused(
    'quota-exceeded',
    `Your files would take more than the ${byteWords(quota.bytes)} that you have here. Remove some that you need no more.`,
  );
}

function tooManyAtOnce({ conversionsAtOnce: max }: Quota): Limited {
  return new Limited(
    'too-many-conversions',
    `You have ${max} uploads and conversions under way. Try again when one of them has ended.`,
    ENDS_WITHIN_SECONDS,
  );
}

/** @throws {Limited} `daily-limit-reached` when more were begun than may be */
export function expectFewBegun(
  { count, until }: Begun,
  { conversionsPerDay: max }: Quota,
  now: Date,
): void {
  if (max === 0 || count <= max) return;
  throw new Limited(
    'daily-limit-reached',
    `You have begun ${max} conversions within a day. Try again at ${until.toISOString()}.`,
    Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)),
  );
}
