import { createHash, timingSafeEqual } from 'node:crypto';
import { Refused } from '../../src/domain/errors.ts';

/** The algorithms that a part can be checked by, and the bytes of their digests. */
const DIGEST_BYTES = { sha1: 20, sha256: 32 } as const;

type ChecksumAlgorithm = keyof typeof DIGEST_BYTES;

export const CHECKSUM_ALGORITHMS = Object.keys(DIGEST_BYTES);

/** What the sender of some bytes says of them. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly digest: Buffer;
}

/**
 * `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=` → its parts.
 *
 * @throws {Refused} `malformed`
 */
export function parseChecksum(header: string): Checksum {
  const [algorithm = '', base64 = '', ...rest] = header.split(' ');
  if (!isSupported(algorithm)) {
    throw new Refused('malformed', `Upload-Checksum: choose of ${CHECKSUM_ALGORITHMS.join(', ')}.`);
  }
  const digest = Buffer.from(base64, 'base64');
  const isWhole = digest.length === DIGEST_BYTES[algorithm] && digest.toString('base64') === base64;
  if (!isWhole || rest.length > 0) {
    throw new Refused('malformed', `Upload-Checksum: not a digest of ${algorithm} in Base64.`);
  }
  return { algorithm, digest };
}

/**
 * The content as it is; it ends by an error when it is not what its checksum says.
 *
 * @throws {Refused} `checksum-mismatch`
 */
export async function* checked(
  content: AsyncIterable<Uint8Array>,
  { algorithm, digest }: Checksum,
): AsyncGenerator<Uint8Array> {
  const hash = createHash(algorithm);
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  if (timingSafeEqual(hash.digest(), digest)) return;
  throw new Refused('checksum-mismatch', 'The bytes are not those that Upload-Checksum announced.');
}

function isSupported(algorithm: string): algorithm is ChecksumAlgorithm {
  return Object.hasOwn(DIGEST_BYTES, algorithm);
}
