const ENTRIES = 100;
/** Places remembered at most; with more frames only every second, fourth, … is remembered. */
const MAX_PLACES = 800;

/** Where each percent of an MP3's time lies, learned while it passes, in memory of fixed size. */
export interface SeekTable {
  addFrame(sizeBytes: number): void;
  /**
   * 100 bytes, as a Xing header has them: entry `i` is where `i` percent of the time begins, in
   * 256ths of the file. The file begins with the Xing frame itself.
   */
  entries(xingFrameBytes: number): Uint8Array;
}

export function createSeekTable(): SeekTable {
  let places: number[] = [];
  let framesPerPlace = 1;
  let frames = 0;
  let bytes = 0;
  return {
    addFrame(sizeBytes) {
      if (frames % framesPerPlace === 0) places.push(bytes);
      if (places.length > MAX_PLACES) {
        places = places.filter((_, index) => index % 2 === 0);
        framesPerPlace *= 2;
      }
      frames += 1;
      bytes += sizeBytes;
    },
    entries(xingFrameBytes) {
      return Uint8Array.from({ length: ENTRIES }, (_, percent) => {
        if (percent === 0) return 0;
        const frame = Math.floor((percent * frames) / ENTRIES);
        const place = places[Math.floor(frame / framesPerPlace)] ?? bytes;
        return Math.floor((256 * (xingFrameBytes + place)) / (xingFrameBytes + bytes));
      });
    },
  };
}
