import type { SettleDeps } from '../../src/conversions/settle-conversion.ts';
import {
  type Conversion,
  isOwedMail,
  isUploadUnfinished,
  isVideoSpent,
} from '../../src/domain/conversion.ts';
import { SoundliftError } from '../../src/domain/errors.ts';
import { removeExpired } from './remove-expired.ts';
import { removeKeptVideo } from './remove-kept-video.ts';
import { republishStuck } from './republish-stuck.ts';

/** As many as fit well into one run; what is left is due again in the next. */
const MAX_PER_RUN = 200;

export interface TidyReport {
  readonly republished: number;
  readonly removed: number;
  /** Those that could not be dealt with, and why; the next run tries them again. */
  readonly failures: readonly { readonly conversionId: string; readonly error: unknown }[];
}

/** Looks at every conversion whose time has come, one by one; a bad one does not stop the others. */
export async function tidyUp(deps: SettleDeps): Promise<TidyReport> {
  let republished = 0;
  let removed = 0;
  const failures: { conversionId: string; error: unknown }[] = [];
  for (const conversion of await deps.conversions.listDue(deps.clock.now(), MAX_PER_RUN)) {
    try {
      if (isVideoSpent(conversion, deps.clock.now())) {
        await removeKeptVideo(deps, conversion);
        removed += 1;
      } else if (isStuck(conversion, deps.clock.now())) {
        await republishStuck(deps, conversion);
        republished += 1;
      } else {
        await removeExpired(deps, conversion);
        removed += 1;
      }
    } catch (error) {
      if (!wasRemovedMeanwhile(error)) failures.push({ conversionId: conversion.id, error });
    }
  }
  return { republished, removed, failures };
}

/** The rest has had its time: what expires is removed, whether or not its owner has heard. */
function isStuck(conversion: Conversion, now: Date): boolean {
  const { state, outbox, expiresAt } = conversion;
  if (outbox !== undefined || state === 'queued' || state === 'converting') return true;
  if (isUploadUnfinished(conversion)) return true;
  return isOwedMail(conversion) && expiresAt !== undefined && expiresAt > now;
}

function wasRemovedMeanwhile(error: unknown): boolean {
  return error instanceof SoundliftError && error.code === 'not-found';
}
