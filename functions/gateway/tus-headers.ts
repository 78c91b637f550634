import { Metadata } from '@tus/server';
import { Refused } from '../../src/domain/errors.ts';
import type { ConversionOptions } from '../../src/domain/media.ts';
import { toInvalidInput } from '../../src/http/api.ts';
import { optionsForm, toConversionOptions } from './options-form.ts';
import { METADATA_MAX_BYTES } from './tus-protocol.ts';

export interface Announced {
  readonly fileName: string;
  readonly options: ConversionOptions;
  /** The header to the letter. */
  readonly metadata?: string | undefined;
}

/**
 * What `Upload-Metadata` says of a video: its name and the options of its conversion. Other keys are
 * kept and mean nothing: clients send what they know (`filetype`, `relativePath`).
 *
 * @throws {Refused} `malformed` when the header is not as the protocol says
 * @throws {InvalidInput} when an option is not acceptable
 */
export function parseMetadata(header: string | undefined): Announced {
  if (header === undefined) return { fileName: '', options: {} };
  if (header.length > METADATA_MAX_BYTES) {
    throw new Refused('malformed', `Upload-Metadata: at most ${METADATA_MAX_BYTES} bytes.`);
  }
  const { filename, ...others } = keysAndValues(header);
  const form = optionsForm.safeParse(others);
  if (!form.success) throw toInvalidInput(form.error.issues);
  return { fileName: filename ?? '', options: toConversionOptions(form.data), metadata: header };
}

function keysAndValues(header: string): Record<string, string> {
  try {
    const pairs = Object.entries(Metadata.parse(header));
    return Object.fromEntries(pairs.map(([key, value]) => [key, value ?? '']));
  } catch (cause) {
    const message = 'Upload-Metadata: pairs of a key and a Base64 value, separated by commas.';
    throw new Refused('malformed', message, { cause });
  }
}
