import type { Identity } from '../../src/domain/user.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { type AudioDownload, readyAudio } from './ready-audio.ts';
import { showConversion } from './show-conversion.ts';

/**
 * The MP3 of one's own conversion.
 *
 * @throws {Refused} `not-found`, `not-ready`, `conversion-failed`, `cancelled` or `expired`
 */
export async function downloadAudio(
  deps: { readonly conversions: ConversionStore; readonly files: FileStore },
  input: { readonly owner: Identity; readonly id: string },
): Promise<AudioDownload> {
  return await readyAudio(deps.files, await showConversion(deps, input));
}
