import type { ErrorCode } from './errors.ts';
import { Refused } from './errors.ts';
import type { ConversionOptions, Made, SourceFacts, Warning } from './media.ts';
import type { MessageName } from './messages.ts';
import { type ChangeReason, type StateChange, withChange } from './state-change.ts';
import { isComplete, type Upload } from './upload.ts';

/**
 * ```
 * uploading ─▶ queued ─▶ converting ─▶ ready ─▶ expired
 *                ▲────────────┘  └───▶ failed
 * uploading, queued, converting ─▶ cancelled
 * any of them ─▶ deleting ─▶ (gone)
 * ```
 */
export type ConversionState =
  | 'uploading'
  | 'queued'
  | 'converting'
  | 'ready'
  | 'failed'
  | 'cancelled'
  | 'expired'
  | 'deleting';

/** Those whose end is still open. */
export const OPEN_STATES: readonly ConversionState[] = ['uploading', 'queued', 'converting'];

/** The right to convert, held by one converter at a time and lost when it is not renewed. */
export interface Lease {
  /** Unguessable, and new with every claim: two converters never hold the same one. */
  readonly token: string;
  readonly until: Date;
}

export interface Conversion {
  /** UUIDv7: ids sort by the time of creation. */
  readonly id: string;
  /** Grows by one with every change; a change is written only onto the revision it was made from. */
  readonly revision: number;
  readonly state: ConversionState;
  readonly owner: { readonly userId: string; readonly email: string };
  readonly video: { readonly fileName: string; readonly sizeBytes: number };
  readonly options: ConversionOptions;
  /** How far its video has come; absent when it came in one piece. */
  readonly upload?: Upload | undefined;
  /** 0–1. */
  readonly progress: number;
  /** When it will be done if it goes on as it did so far. */
  readonly expectedReadyAt?: Date | undefined;
  /** How often a converter has begun. */
  readonly attempts: number;
  /** How often a function's time was over before the conversion was. */
  readonly interruptions?: number | undefined;
  readonly lease?: Lease | undefined;
  readonly source?: SourceFacts | undefined;
  readonly made?: Made | undefined;
  readonly audio?:
    | { readonly key: string; readonly sizeBytes: number; readonly durationSeconds: number }
    | undefined;
  /** Every key under which an attempt may have stored bytes; all but `audio.key` are to be removed. */
  readonly audioKeys: readonly string[];
  readonly warnings: readonly Warning[];
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
  /** The message that this state owes the world and whose publication is not yet confirmed. */
  readonly outbox?: MessageName | undefined;
  readonly notifiedAt?: Date | undefined;
  /** No mail server will ever take mail for this owner. */
  readonly isOwnerUnreachable?: boolean | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** How often its owner has ended all links to it; absent: never. */
  readonly linkGeneration?: number | undefined;
  /** When what is kept of it (an MP3, a failed one’s video, what a cancelled one left) is removed. */
  readonly expiresAt?: Date | undefined;
  /** When the video of a ready one is removed; absent: it is removed at once. */
  readonly videoExpiresAt?: Date | undefined;
  /** Every state it has had, the oldest first; of a record from before there was one, the later ones. */
  readonly history?: readonly StateChange[] | undefined;
}

/** Begun this often without an end, a conversion is given up: it may be what kills its converter. */
export const MAX_ATTEMPTS = 5;
/** Not done in so many whole lives of a function, it never will be. */
export const MAX_INTERRUPTIONS = 2;
/** An upload in one piece that has not ended by then never will. */
export const UPLOAD_TIMEOUT_MS = 60 * 60 * 1000;
/** How long a message may stay unconfirmed, or a removal unfinished, before *janitor* does it. */
export const OVERDUE_AFTER_MS = 60 * 1000;

/** What nobody has begun by then is owed its message again: the first one may have died. */
const BEGIN_TIMEOUT_MS = 60 * 60 * 1000;
/** Whom nobody could tell by then how it ended is to be told again. */
const TELL_TIMEOUT_MS = 6 * 60 * 60 * 1000;

export function newConversion(
  given: Pick<Conversion, 'id' | 'owner' | 'options' | 'upload'> & {
    readonly fileName: string;
    /** As far as it is known before it has come. */
    readonly sizeBytes?: number | undefined;
  },
  now: Date,
): Conversion {
  return {
    id: given.id,
    revision: 0,
    state: 'uploading',
    owner: given.owner,
    video: { fileName: given.fileName, sizeBytes: given.sizeBytes ?? 0 },
    options: given.options,
    ...(given.upload && { upload: given.upload }),
    progress: 0,
    attempts: 0,
    audioKeys: [],
    warnings: [],
    createdAt: now,
    updatedAt: now,
    history: [{ state: 'uploading', at: now }],
  };
}

/** Another part of the video has come, or somebody is about to write one. */
export function uploadChanged(
  conversion: Conversion,
  change: (upload: Upload) => Upload,
  now: Date,
): Conversion {
  expectState(conversion, 'uploading');
  if (conversion.upload === undefined) throw leaseLost(conversion);
  const upload = change(conversion.upload);
  return upload === conversion.upload ? conversion : changed(conversion, now, { upload });
}

/** The video is stored whole. */
export function queued(conversion: Conversion, sizeBytes: number, now: Date): Conversion {
  expectState(conversion, 'uploading');
  const { upload } = conversion;
  return changed(conversion, now, {
    state: 'queued',
    video: { ...conversion.video, sizeBytes },
    ...(upload && { upload: { ...upload, lease: undefined } }),
    outbox: 'video.uploaded',
  });
}

/** Every byte has come, and whoever took the last one has died before it could say so. */
export function isUploadUnfinished({ state, upload }: Conversion): boolean {
  return state === 'uploading' && upload !== undefined && isComplete(upload);
}

/** The broker has confirmed the message; nothing is owed any more. */
export function published(conversion: Conversion, name: MessageName, now: Date): Conversion {
  return conversion.outbox === name ? changed(conversion, now, { outbox: undefined }) : conversion;
}

/** Whether a converter may begin: nobody else is at it, or whoever was let the lease run out. */
export function isClaimable(conversion: Conversion, now: Date): boolean {
  return (
    conversion.state === 'queued' ||
    (conversion.state === 'converting' && !isLeaseAlive(conversion, now))
  );
}

export function claimed(conversion: Conversion, lease: Lease, now: Date): Conversion {
  if (!isClaimable(conversion, now)) throw leaseLost(conversion);
  return changed(conversion, now, {
    state: 'converting',
    attempts: conversion.attempts + 1,
    progress: 0,
    lease,
    audioKeys: [...conversion.audioKeys, audioKey(conversion.id, lease.token)],
    outbox: undefined,
  });
}

/** The converter is alive and this far. */
export function progressed(
  conversion: Conversion,
  lease: Lease,
  { progress, expectedReadyAt }: Pick<Conversion, 'progress' | 'expectedReadyAt'>,
  now: Date,
): Conversion {
  expectLease(conversion, lease.token);
  const inBounds = Math.min(1, Math.max(0, progress));
  return changed(conversion, now, { lease, progress: inBounds, expectedReadyAt });
}

const NOT_BEGUN = { progress: 0, expectedReadyAt: undefined, lease: undefined } as const;

/** This attempt ended for a reason that may pass: the next one starts from nothing. */
export function released(
  conversion: Conversion,
  leaseToken: string,
  now: Date,
  reason: ErrorCode = 'internal',
): Conversion {
  expectLease(conversion, leaseToken);
  return changed(conversion, now, { ...NOT_BEGUN, state: 'queued' }, reason);
}

/** The function's time was over: that is nobody's failure, and the next one begins at once. */
export function interrupted(conversion: Conversion, leaseToken: string, now: Date): Conversion {
  expectLease(conversion, leaseToken);
  const change = {
    ...NOT_BEGUN,
    state: 'queued',
    attempts: conversion.attempts - 1,
    interruptions: (conversion.interruptions ?? 0) + 1,
    outbox: 'video.uploaded',
  } as const;
  return changed(conversion, now, change, 'out-of-time');
}

/** The converter has let its lease run out; the message that made it begin is owed again. */
export function requeued(conversion: Conversion, now: Date): Conversion {
  if (!isClaimable(conversion, now)) throw leaseLost(conversion);
  const reason = conversion.state === 'converting' ? 'lease-ran-out' : 'not-begun';
  const change = { ...NOT_BEGUN, state: 'queued', outbox: 'video.uploaded' } as const;
  return changed(conversion, now, change, reason);
}

export function finished(
  conversion: Conversion,
  leaseToken: string,
  result: Required<Pick<Conversion, 'audio' | 'source' | 'made' | 'warnings' | 'expiresAt'>> &
    Pick<Conversion, 'videoExpiresAt'>,
  now: Date,
): Conversion {
  expectLease(conversion, leaseToken);
  return changed(conversion, now, {
    ...result,
    state: 'ready',
    progress: 1,
    expectedReadyAt: undefined,
    lease: undefined,
    outbox: 'audio.ready',
  });
}

/** It will never be ready, and its owner has to be told so. */
export function failed(
  conversion: Conversion,
  error: { readonly code: ErrorCode; readonly message: string },
  expiresAt: Date,
  now: Date,
): Conversion {
  if (!isUnderWay(conversion)) throw leaseLost(conversion);
  const change = {
    state: 'failed',
    error,
    expectedReadyAt: undefined,
    lease: undefined,
    outbox: 'conversion.failed',
    expiresAt,
  } as const;
  return changed(conversion, now, change, error.code);
}

/**
 * The cause of its failure has been mended: it is tried anew, as if it never had been, and its owner is
 * told again how it ends. Only while its video is kept, and only when the video was not the cause.
 */
export function redriven(conversion: Conversion, now: Date): Conversion {
  if (!isRedrivable(conversion)) throw leaseLost(conversion);
  const change = {
    ...NOT_BEGUN,
    state: 'queued',
    attempts: 0,
    interruptions: undefined,
    error: undefined,
    expiresAt: undefined,
    notifiedAt: undefined,
    isOwnerUnreachable: undefined,
    outbox: 'video.uploaded',
  } as const;
  return changed(conversion, now, change, 'redriven');
}

/** Whether it has failed for a reason that was not its video's, and the video is still kept. */
export function isRedrivable(conversion: Conversion): boolean {
  return (
    conversion.state === 'failed' && needsVideo(conversion) && conversion.expiresAt !== undefined
  );
}

/**
 * Its owner wants it no more, and need not be told so. Whoever still writes for it has stopped by
 * `expiresAt`; what they left is removed then.
 */
export function cancelled(conversion: Conversion, now: Date): Conversion {
  if (!isCancellable(conversion)) throw leaseLost(conversion);
  const isUploading = conversion.state === 'uploading';
  const uploadedBy = after(conversion.updatedAt, UPLOAD_TIMEOUT_MS);
  return changed(conversion, now, {
    state: 'cancelled',
    expectedReadyAt: undefined,
    lease: undefined,
    outbox: undefined,
    expiresAt: isUploading ? uploadedBy : (conversion.lease?.until ?? now),
  });
}

/** The owner has been sent a mail. */
export function notified(conversion: Conversion, now: Date): Conversion {
  return changed(conversion, now, { notifiedAt: now, isOwnerUnreachable: undefined });
}

/** Their address is refused for good: nobody tries by itself again. */
export function ownerUnreachable(conversion: Conversion, now: Date): Conversion {
  return changed(conversion, now, { isOwnerUnreachable: true });
}

/** Whether the owner has not heard how it ended, and there is something to hear: something is kept of it. */
export function isUntold({ state, notifiedAt, expiresAt }: Conversion): boolean {
  const isKept = (state === 'ready' || state === 'failed') && expiresAt !== undefined;
  return isKept && notifiedAt === undefined;
}

/** Whether the owner has still to be told, and can be. */
export function isOwedMail(conversion: Conversion): boolean {
  return isUntold(conversion) && !conversion.isOwnerUnreachable;
}

/** The message about its end has got lost, or nobody could be reached by it: it is owed again. */
export function owedAgain(conversion: Conversion, now: Date): Conversion {
  expectState(conversion, 'ready', 'failed');
  const outbox = conversion.state === 'ready' ? 'audio.ready' : 'conversion.failed';
  return changed(conversion, now, { outbox });
}

/** The video that was kept of a ready one has been removed. */
export function videoRemoved(conversion: Conversion, now: Date): Conversion {
  return changed(conversion, now, { videoExpiresAt: undefined });
}

/** Whether its video was kept for some time, and has had it. */
export function isVideoSpent({ videoExpiresAt }: Conversion, now: Date): boolean {
  return videoExpiresAt !== undefined && videoExpiresAt <= now;
}

/** What was kept of it has been removed: the MP3 of a ready one, whatever another one left. */
export function expired(conversion: Conversion, now: Date): Conversion {
  expectState(conversion, 'ready', 'failed', 'cancelled');
  const state = conversion.state === 'ready' ? 'expired' : conversion.state;
  return changed(conversion, now, { state, outbox: undefined, expiresAt: undefined });
}

/** Every link to it that was given so far has ended; those given from here on are of a new generation. */
export function linksRevoked(conversion: Conversion, now: Date): Conversion {
  return changed(conversion, now, { linkGeneration: linkGeneration(conversion) + 1 });
}

/** Only links of this generation open it. */
export function linkGeneration(conversion: Conversion): number {
  return conversion.linkGeneration ?? 0;
}

/** From here on it is gone for its owner; what is left is to remove its files and the record. */
export function deleting(conversion: Conversion, now: Date): Conversion {
  return changed(conversion, now, { state: 'deleting', outbox: undefined });
}

/** When *janitor* has to look at it unless something happens before; `undefined`: never. */
export function dueAt(conversion: Conversion): Date | undefined {
  const overdue = after(conversion.updatedAt, OVERDUE_AFTER_MS);
  if (conversion.state === 'deleting' || conversion.outbox !== undefined) return overdue;
  if (conversion.state === 'uploading') return uploadDueAt(conversion);
  if (conversion.state === 'queued') return after(conversion.updatedAt, BEGIN_TIMEOUT_MS);
  if (conversion.state === 'converting') return conversion.lease?.until ?? overdue;
  const removalDue = earliest(conversion.expiresAt, conversion.videoExpiresAt);
  if (!isOwedMail(conversion)) return removalDue;
  return earliest(after(conversion.updatedAt, TELL_TIMEOUT_MS), removalDue);
}

function uploadDueAt(conversion: Conversion): Date {
  const { upload, updatedAt } = conversion;
  if (upload === undefined) return after(updatedAt, UPLOAD_TIMEOUT_MS);
  if (isUploadUnfinished(conversion)) return after(updatedAt, OVERDUE_AFTER_MS);
  // Not while a part is being written: its bytes would come after the removal.
  return later(upload.expiresAt, upload.lease?.until);
}

/** Failures that are not the video's. */
const CAN_BE_TRIED_AGAIN: readonly (ErrorCode | undefined)[] = [
  'attempts-exhausted',
  'out-of-time',
];

/** Whether the video may still be read: by a converter, or by one that is told to try again. */
export function needsVideo(conversion: Conversion): boolean {
  if (conversion.state === 'failed') return CAN_BE_TRIED_AGAIN.includes(conversion.error?.code);
  return OPEN_STATES.includes(conversion.state);
}

/** Whether *janitor* has to look at it. */
export function isDue(conversion: Conversion, now: Date): boolean {
  const due = dueAt(conversion);
  return due !== undefined && due <= now;
}

/** The key of the MP3 that the holder of this lease writes; nobody else ever writes it. */
export function audioKey(conversionId: string, leaseToken: string): string {
  return `${conversionId}.${leaseToken}`;
}

/** Whether its end is still open. */
export function isUnderWay({ state }: Conversion): boolean {
  return state === 'queued' || state === 'converting';
}

/** Whether there is something to stop. */
export function isCancellable(conversion: Pick<Conversion, 'state'>): boolean {
  return OPEN_STATES.includes(conversion.state);
}

/** Whether the one with this token is still the converter of it. */
export function holdsLease(conversion: Conversion, token: string): boolean {
  return conversion.state === 'converting' && conversion.lease?.token === token;
}

export function isLeaseAlive(conversion: Conversion, now: Date): boolean {
  return conversion.lease !== undefined && conversion.lease.until > now;
}

function changed(
  conversion: Conversion,
  now: Date,
  change: Partial<Conversion>,
  reason?: ChangeReason,
): Conversion {
  const next = { ...conversion, ...change, revision: conversion.revision + 1, updatedAt: now };
  // A converter that takes over from another one changes no state, and is worth knowing of.
  const isAttempt = next.attempts > conversion.attempts;
  if (next.state === conversion.state && !isAttempt) return next;
  const step = {
    state: next.state,
    at: now,
    ...(isAttempt && { attempt: next.attempts }),
    ...(reason && { reason }),
  };
  return { ...next, history: withChange(conversion.history, step) };
}

function earliest(a: Date | undefined, b: Date | undefined): Date | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b < a ? b : a;
}

function later(a: Date, b: Date | undefined): Date {
  return b !== undefined && b > a ? b : a;
}

function after(date: Date, delayMs: number): Date {
  return new Date(date.getTime() + delayMs);
}

function expectState(conversion: Conversion, ...states: ConversionState[]): void {
  if (states.includes(conversion.state)) return;
  throw new Refused('lease-lost', `the conversion is ${conversion.state}`);
}

function expectLease(conversion: Conversion, token: string): void {
  if (!holdsLease(conversion, token)) throw leaseLost(conversion);
}

function leaseLost(conversion: Conversion): Refused {
  return new Refused('lease-lost', `the conversion is ${conversion.state} and in other hands`);
}
