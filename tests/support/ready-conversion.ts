import { v7 as uuidv7 } from 'uuid';
import { newConversion } from '../../src/domain/conversion.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { ADA } from './gateway.ts';

const RETENTION_MS = 7 * 24 * 3_600_000;

/** A conversion of Ada's that is done, its MP3 stored as `<id>.token`; returns its id. */
export async function readyConversion(
  service: {
    readonly conversions: ConversionStore;
    readonly files: FileStore;
    readonly clock: { now(): Date };
  },
  given: { readonly name?: string; readonly mp3: Uint8Array | AsyncIterable<Uint8Array> },
): Promise<string> {
  const now = service.clock.now();
  const id = uuidv7();
  const key = `${id}.token`;
  const { sizeBytes } = await service.files.put({ bucket: 'mp3s', key }, piecesOf(given.mp3));
  const owner = { userId: ADA.userId, email: ADA.email };
  const fileName = given.name ?? 'holiday.mp4';
  await service.conversions.create({
    ...newConversion({ id, owner, options: {}, fileName }, now),
    state: 'ready',
    audio: { key, sizeBytes, durationSeconds: 12.5 },
    audioKeys: [key],
    made: { how: 'copied' },
    expiresAt: new Date(now.getTime() + RETENTION_MS),
  });
  return id;
}

async function* piecesOf(
  content: Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}
