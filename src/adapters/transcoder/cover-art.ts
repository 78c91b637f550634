import { Buffer } from 'node:buffer';

export interface Cover {
  readonly mime: 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
}

/** How the pictures that every player of MP3s can show begin and end. */
const KINDS = [
  // ITU-T T.81, B.1.1.3: start of image and the next marker; end of image.
  { mime: 'image/jpeg', begin: Buffer.from('ffd8ff', 'hex'), end: Buffer.from('ffd9', 'hex') },
  {
    mime: 'image/png',
    begin: Buffer.from('89504e470d0a1a0a', 'hex'),
    // PNG, 5.6: an empty IEND chunk with its checksum.
    end: Buffer.from('0000000049454e44ae426082', 'hex'),
  },
] as const;

/**
 * The picture, when it is a JPEG or PNG, whole, and not too large. It goes by what the bytes say:
 * the type that a container declares is often wrong.
 */
export function coverOf(bytes: Uint8Array, maxBytes = Number.POSITIVE_INFINITY): Cover | undefined {
  if (bytes.length > maxBytes) return undefined;
  const kind = KINDS.find(
    ({ begin, end }) =>
      bytes.length >= begin.length + end.length &&
      begin.equals(bytes.subarray(0, begin.length)) &&
      end.equals(bytes.subarray(-end.length)),
  );
  return kind && { mime: kind.mime, bytes };
}
