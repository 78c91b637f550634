/** How many frames, or bars, a strip has. */
export const STRIP_LENGTH = 60;

/**
 * Heights that look like sound, of 0.12 to 1, always the same ones for the same id: a file is known by
 * its shape before anything has been heard of it.
 */
export function stripHeights(id: string, length = STRIP_LENGTH): number[] {
  const random = seeded(id);
  const [slow, fast, shift] = [2 + random() * 3, 9 + random() * 8, random() * 6];
  return Array.from({ length }, (_, index) => {
    const at = index / length;
    const swell = 0.5 + 0.5 * Math.sin(slow * Math.PI * at + shift);
    const beat = 0.5 + 0.5 * Math.sin(fast * Math.PI * at);
    const height = 0.15 + 0.45 * swell + 0.2 * beat + 0.3 * (random() - 0.5);
    return Math.round(Math.min(1, Math.max(0.12, height)) * 1000) / 1000;
  });
}

/** mulberry32 over an FNV-1a hash: small, and the same everywhere. */
function seeded(text: string): () => number {
  let state = 0x811c9dc5;
  for (const character of text) {
    state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
