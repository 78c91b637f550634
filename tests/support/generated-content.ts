/** Of prime length, so that no chunk or page border falls on the same bytes twice. */
const BLOCK = Buffer.from(Uint8Array.from({ length: 65_537 }, (_, index) => (index * index) % 251));

/** The bytes `start` to `end` (exclusive) of an endless content that is the same in every test. */
export function bytesAt(start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  for (let position = start; position < end; ) {
    position += BLOCK.copy(bytes, position - start, position % BLOCK.byteLength);
  }
  return bytes;
}

/** The bytes from `start` to `end` in pieces, as a request or a pipe would bring them. */
export async function* contentOf(
  start: number,
  end: number,
  pieceBytes = 64 * 1024,
): AsyncGenerator<Uint8Array> {
  for (let position = start; position < end; position += pieceBytes) {
    yield bytesAt(position, Math.min(position + pieceBytes, end));
  }
}

export async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}
