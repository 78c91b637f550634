import { OutOfTime } from '../../src/domain/errors.ts';

/** What it takes to stop ffmpeg, to remove what it made and to write that down. */
const MARGIN_MS = 20_000;

/** A signal that fires with `OutOfTime` a while before the function is ended by force. */
export function limitTime(
  timeLeftMs: number | undefined,
): Disposable & { readonly signal: AbortSignal } {
  const over = new AbortController();
  if (timeLeftMs === undefined) return { signal: over.signal, [Symbol.dispose]() {} };
  const timer = setTimeout(() => over.abort(new OutOfTime()), Math.max(0, timeLeftMs - MARGIN_MS));
  return { signal: over.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
