/** The same content, spoilt in a few places, and now and then cut off; by the same seed the same. */
export function mutant(content: Uint8Array, seed: number): Buffer {
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  // Indexes and heads are at the beginning, and more comes of what is wrong there.
  const place = () => below(below(2) ? content.length : Math.min(content.length, 1_024));
  const bytes = Buffer.from(content);
  for (let left = 1 + below(20); left > 0; left -= 1) {
    const at = place();
    const spoil = [
      () => bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << below(8)), at),
      () => bytes.fill([0, 0x7f, 0x80, 0xff][below(4)] ?? 0, at, at + 1 + below(8)),
      () => bytes.copy(bytes, place(), at, at + below(512)),
    ];
    spoil[below(spoil.length)]?.();
  }
  return below(5) > 0 ? bytes : bytes.subarray(0, place());
}

/** Mulberry32: between 0 and 1, 1 excluded. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
