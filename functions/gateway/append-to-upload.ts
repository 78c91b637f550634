import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { finishUpload } from '../../src/conversions/finish-upload.ts';
import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import { type Conversion, isUploadUnfinished, uploadChanged } from '../../src/domain/conversion.ts';
import { Refused, Unavailable } from '../../src/domain/errors.ts';
import { advanced, type Upload } from '../../src/domain/upload.ts';
import { type Checksum, checked } from './checksum.ts';

/**
 * Before the function's time is over (29 s), and well before the lease runs out: nobody writes beside
 * its next holder, not even a function that was frozen and goes on later.
 */
const WRITE_TIMEOUT_MS = 25_000;

export interface Part {
  /** As it is with the lease. */
  readonly conversion: Conversion;
  readonly upload: Upload;
  /** The lease that its sender holds. */
  readonly leaseToken: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly checksum?: Checksum | undefined;
}

/**
 * Stores the next part of a video, and after the last one asks for its conversion. First the bytes,
 * then the offset: who dies in between has stored bytes that do not count, and the next part
 * replaces them.
 *
 * Of a part whose sender breaks off, what has come counts; but not of one with a checksum, since
 * nobody can say whether it is right.
 */
export async function appendToUpload(deps: SettleDeps, part: Part): Promise<Conversion> {
  const { conversion, upload, leaseToken } = part;
  const seen: Seen = { bytes: 0 };
  const content = part.checksum
    ? checked(part.content, part.checksum)
    : untilItBreaks(part.content, seen);
  await store(deps, part, counted(content, seen));
  const offsetBytes = upload.offsetBytes + seen.bytes;
  const recorded = await recordOrRemove(deps, conversion, (current) =>
    advanced(current, leaseToken, offsetBytes, deps.clock.now()),
  );
  if (isUploadUnfinished(recorded)) return await finishUpload(deps, recorded);
  if (seen.failure !== undefined) throw seen.failure;
  return recorded;
}

interface Seen {
  bytes: number;
  /** What the content ended by, if not by itself. */
  failure?: unknown;
}

async function store(
  deps: SettleDeps,
  { conversion: { id }, upload }: Part,
  content: AsyncIterable<Uint8Array>,
): Promise<void> {
  const signal = AbortSignal.timeout(WRITE_TIMEOUT_MS);
  try {
    await deps.files.append({ bucket: 'videos', key: id }, upload.offsetBytes, content, { signal });
  } catch (cause) {
    throw cause === signal.reason ? new Unavailable('files', { cause }) : cause;
  }
}

/** Its owner may have removed the upload meanwhile: then the bytes came after the removal. */
async function recordOrRemove(
  deps: SettleDeps,
  conversion: Conversion,
  change: (upload: Upload) => Upload,
): Promise<Conversion> {
  const { conversions, files, clock } = deps;
  try {
    return await changeConversion(conversions, conversion, (current) => {
      if (current.state === 'deleting') throw new Refused('not-found', 'the upload is removed');
      return uploadChanged(current, change, clock.now());
    });
  } catch (error) {
    const isGone = error instanceof Refused && error.code === 'not-found';
    if (isGone) await files.remove({ bucket: 'videos', key: conversion.id });
    throw error;
  }
}

async function* untilItBreaks(
  content: AsyncIterable<Uint8Array>,
  seen: Seen,
): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    seen.failure = error;
  }
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  seen: Seen,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    seen.bytes += piece.byteLength;
    yield piece;
  }
}
