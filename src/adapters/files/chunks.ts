/** A document of MongoDB holds 16 MB; MiB chunks read twice as fast as GridFS's usual 255 KiB. */
export const CHUNK_BYTES = 1024 * 1024;

/**
 * Cuts content into chunks of `CHUNK_BYTES`, the last one shorter, none when there is nothing.
 * `reserved` bytes (fewer than a chunk) are left free at the start of the first.
 */
export async function* chunksOf(
  content: AsyncIterable<Uint8Array>,
  reserved: number,
): AsyncGenerator<Buffer> {
  let chunk = Buffer.alloc(CHUNK_BYTES);
  let filled = reserved;
  for await (const piece of content) {
    for (let taken = 0; taken < piece.byteLength; ) {
      const isWhole = filled === 0 && piece.byteLength - taken >= CHUNK_BYTES;
      if (isWhole) {
        // As it is: the next piece has memory of its own.
        yield Buffer.from(piece.buffer, piece.byteOffset + taken, CHUNK_BYTES);
        taken += CHUNK_BYTES;
        continue;
      }
      const part = piece.subarray(taken, taken + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      filled += part.byteLength;
      taken += part.byteLength;
      if (filled === CHUNK_BYTES) {
        yield chunk;
        chunk = Buffer.alloc(CHUNK_BYTES);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
