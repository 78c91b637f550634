import { type Conversion, linkGeneration } from '../../src/domain/conversion.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { ByteRange } from '../../src/domain/media.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import type { Representation } from './byte-range.ts';
import { audioFileName } from './file-name.ts';

export interface AudioDownload extends Representation {
  readonly conversionId: string;
  readonly linkGeneration: number;
  readonly fileName: string;
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}

/**
 * The MP3 of a conversion. It never changes once it is there, so its key is its validator.
 *
 * @throws {Refused} `not-ready`, `conversion-failed`, `cancelled` or `expired`
 */
export async function readyAudio(files: FileStore, conversion: Conversion): Promise<AudioDownload> {
  const { audio } = conversion;
  if (conversion.state !== 'ready' || audio === undefined) throw notDownloadable(conversion);
  const file = { bucket: 'mp3s', key: audio.key } as const;
  // Janitor removes the file first, and then says so.
  if ((await files.stat(file)) === undefined) throw expiredAudio();
  return {
    conversionId: conversion.id,
    linkGeneration: linkGeneration(conversion),
    fileName: audioFileName(conversion.video.fileName),
    sizeBytes: audio.sizeBytes,
    etag: `"${audio.key}"`,
    read: (range) => files.readRange(file, range),
  };
}

function notDownloadable({ state, error }: Conversion): Refused {
  if (state === 'expired') {
    return expiredAudio();
  }
  if (state === 'failed') {
    return new Refused('conversion-failed', error?.message ?? 'The conversion has failed.');
  }
  if (state === 'cancelled') return new Refused('cancelled', 'The conversion was cancelled.');
  return new Refused('not-ready', `The MP3 is not ready: the conversion is ${state}.`);
}

function expiredAudio(): Refused {
  return new Refused('expired', 'The MP3 has expired and was removed. Upload the video again.');
}
