/**
 * Passes content on until the signal is raised; then it throws the signal's reason, even when the
 * content hangs. Whoever leaves early ends the content as well.
 */
export async function* abortable(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  const source = content[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await nextUnlessAborted(source, signal);
      if (next.done) {
        ended = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: a generator that hangs in next() answers return() only after it.
    if (!ended) source.return?.().catch(() => undefined);
  }
}

/**
 * A listener per step and not one `Promise.race` against one long-lived promise: that promise would
 * keep the result of every step, and so the whole file, in memory (nodejs/node#17469).
 */
function nextUnlessAborted<T>(source: AsyncIterator<T>, signal: AbortSignal | undefined) {
  return new Promise<IteratorResult<T>>((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    source
      .next()
      .then(resolve, reject)
      .finally(() => signal?.removeEventListener('abort', abort));
  });
}
