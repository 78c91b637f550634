import { peaksOf } from './peaks.ts';

const BAR_COUNT = 160;
/** Enough to see by, and a sixth of the memory that the sound's own rate would take. */
const SAMPLE_RATE_HZ = 8_000;
/** What one answer of the service carries: docs/uploading.md. A larger one would lead elsewhere. */
const PART_BYTES = 4 * 1024 * 1024;

/** Decodes an MP3 to the heights of its waveform. */
export async function loadPeaks(
  address: string,
  sizeBytes: number,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const parts: Blob[] = [];
  for (let start = 0; start < sizeBytes; start += PART_BYTES) {
    const end = Math.min(sizeBytes, start + PART_BYTES) - 1;
    const response = await fetch(address, { headers: { range: `bytes=${start}-${end}` }, signal });
    if (!response.ok) throw new Error(`a part of the MP3 was answered with ${response.status}`);
    parts.push(await response.blob());
  }
  const encoded = await new Blob(parts).arrayBuffer();
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE_HZ);
  const sound = await context.decodeAudioData(encoded);
  return peaksOf(sound.getChannelData(0), BAR_COUNT);
}

/** Bars in the colours of the page: what was heard in that of sound. */
export function drawPeaks(canvas: HTMLCanvasElement, peaks: readonly number[], share: number) {
  const ratio = devicePixelRatio;
  const { clientWidth, clientHeight } = canvas;
  canvas.width = clientWidth * ratio;
  canvas.height = clientHeight * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const pitch = canvas.width / peaks.length;
  for (const [index, peak] of peaks.entries()) {
    const height = Math.max(2 * ratio, peak * canvas.height);
    const isHeard = index / peaks.length < share;
    context.fillStyle = isHeard ? style.color : style.borderTopColor;
    context.fillRect(index * pitch, (canvas.height - height) / 2, pitch * 0.65, height);
  }
}
