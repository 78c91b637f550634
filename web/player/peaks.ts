/** The loudest of each of so many equal parts, in proportion to the loudest of all: 0–1. */
export function peaksOf(samples: Float32Array, count: number): number[] {
  const size = samples.length / count;
  const peaks = Array.from({ length: count }, (_, part) => {
    const end = Math.min(samples.length, Math.ceil((part + 1) * size));
    let peak = 0;
    for (let at = Math.floor(part * size); at < end; at += 1) {
      peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    }
    return peak;
  });
  const loudest = Math.max(...peaks);
  return loudest === 0 ? peaks : peaks.map((peak) => peak / loudest);
}
