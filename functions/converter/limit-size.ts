import { byteWords } from '../../src/domain/byte-words.ts';
import { UnusableMedia } from '../../src/domain/errors.ts';

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
      const message = `The MP3 would be larger than ${byteWords(maxBytes)}.`;
      throw new UnusableMedia('audio-too-large', message);
    }
    yield piece;
  }
}
