import type { Lease } from './conversion.ts';
import { Refused } from './errors.ts';

/** A video that comes in parts: each is a request of its own, and there may be hours in between. */
export interface Upload {
  /** Absent as long as its sender has not said it. */
  readonly lengthBytes?: number | undefined;
  /** What has come and is kept. Behind it may lie bytes of a part that has not ended. */
  readonly offsetBytes: number;
  /** What its sender said of it, to the letter. */
  readonly metadata?: string | undefined;
  /** The right to write the next part. */
  readonly lease?: Lease | undefined;
  /** When it is given up unless more comes. */
  readonly expiresAt: Date;
}

/** So long after the last byte an unfinished upload is kept. */
export const UPLOAD_KEPT_MS = 24 * 60 * 60 * 1000;
/** Longer than a function lives (29 s): whoever finds it run out knows that its holder is dead. */
export const UPLOAD_LEASE_MS = 45_000;

export function newUpload(
  given: Pick<Upload, 'lengthBytes' | 'metadata' | 'lease'>,
  now: Date,
): Upload {
  return { ...given, offsetBytes: 0, expiresAt: keptUntil(now) };
}

/**
 * Nobody else may write until it is released.
 *
 * @throws {Refused} `locked` while somebody holds it
 */
export function leased(upload: Upload, token: string, now: Date): Upload {
  if (upload.lease !== undefined && upload.lease.until > now) {
    throw new Refused('locked', 'Another request is writing to this upload. Try again.');
  }
  return { ...upload, lease: newUploadLease(token, now) };
}

export function newUploadLease(token: string, now: Date): Lease {
  return { token, until: new Date(now.getTime() + UPLOAD_LEASE_MS) };
}

/** Gives the lease back, if it is still theirs. */
export function released(upload: Upload, token: string): Upload {
  return upload.lease?.token === token ? { ...upload, lease: undefined } : upload;
}

/** Its sender knows now how long it will be; `undefined`: that length was not accepted. */
export function lengthDeclared(
  upload: Upload,
  token: string,
  lengthBytes: number | undefined,
): Upload {
  expectLease(upload, token);
  return { ...upload, lengthBytes };
}

/** Everything before the offset is stored; whoever comes next may go on from there. */
export function advanced(upload: Upload, token: string, offsetBytes: number, now: Date): Upload {
  expectLease(upload, token);
  return { ...upload, offsetBytes, lease: undefined, expiresAt: keptUntil(now) };
}

/** Whether the last byte is there. */
export function isComplete({ lengthBytes, offsetBytes }: Upload): boolean {
  return lengthBytes === offsetBytes;
}

function keptUntil(now: Date): Date {
  return new Date(now.getTime() + UPLOAD_KEPT_MS);
}

function expectLease({ lease }: Upload, token: string): void {
  if (lease?.token !== token)
    throw new Refused('lease-lost', 'another request has gone on with it');
}
