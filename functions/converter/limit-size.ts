import { UnusableMedia } from '../../src/domain/errors.ts';

const MIB = 1024 ** 2;

/**
 * The same pieces, as long as they are not too many: a small file can hold days of sound.
 *
 * @param maxBytes 0: no limit
 * @throws {UnusableMedia} `audio-too-large`
 */
export async function* limitSize(
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (maxBytes > 0 && bytes > maxBytes) {
      const most = `${Math.floor(maxBytes / MIB)} MiB`;
      throw new UnusableMedia('audio-too-large', `The MP3 would be larger than ${most}.`);
    }
    yield piece;
  }
}
