/** By a signal; or by the end of npm, which passes signals to a shell that does not pass them on. */
export function untilStopIsAsked(): Promise<number> {
  const { ppid: parent, env } = process;
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => resolve(0));
    }
    if (env['npm_lifecycle_event'] === undefined) return;
    setInterval(() => process.ppid !== parent && resolve(0), 500).unref();
  });
}
