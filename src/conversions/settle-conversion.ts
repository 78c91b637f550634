import { v7 as uuidv7 } from 'uuid';
import { type Conversion, needsVideo, published } from '../domain/conversion.ts';
import { SoundliftError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConversionStore } from '../ports/conversion-store.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { Queue } from '../ports/queue.ts';
import { changeConversion } from './change-conversion.ts';

export interface SettleDeps {
  readonly files: FileStore;
  readonly conversions: ConversionStore;
  readonly queue: Queue;
  readonly clock: Clock;
}

/**
 * Does what the new state of a conversion owes the world: publishes its message, removes the files
 * that it no longer needs, and only then notes that nothing is owed. The record is the outbox: who
 * dies in between leaves it to *janitor*, which does the same again.
 */
export async function settleConversion(
  deps: SettleDeps,
  conversion: Conversion,
): Promise<Conversion> {
  const name = conversion.outbox;
  if (name === undefined) return conversion;
  await deps.queue.publish({
    name,
    version: 1,
    id: uuidv7(),
    conversionId: conversion.id,
    occurredAt: deps.clock.now().toISOString(),
  });
  if (!needsVideo(conversion)) await removeSpentFiles(deps.files, conversion);
  return await changeConversion(deps.conversions, conversion.id, (current) =>
    published(current, name, deps.clock.now()),
  );
}

/** A broker that is away is no reason to refuse a video which is stored: the record is the outbox. */
export async function settleOrLeave(deps: SettleDeps, conversion: Conversion): Promise<Conversion> {
  try {
    return await settleConversion(deps, conversion);
  } catch (error) {
    if (error instanceof SoundliftError && error.retry === 'later') return conversion;
    throw error;
  }
}

/** Removes the video and whatever attempts left, but not the MP3 and the video that are kept for a time. */
export async function removeSpentFiles(files: FileStore, conversion: Conversion): Promise<void> {
  if (conversion.videoExpiresAt === undefined) {
    await files.remove({ bucket: 'videos', key: conversion.id });
  }
  for (const key of conversion.audioKeys) {
    if (key !== conversion.audio?.key) await files.remove({ bucket: 'mp3s', key });
  }
}
