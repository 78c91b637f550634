/** A part that the service depends on, and how to see whether it answers. */
export interface Probe {
  readonly part: string;
  readonly ping: () => Promise<unknown>;
}

export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly parts: Record<string, { readonly status: 'up' | 'down'; readonly latency_ms: number }>;
}

const TIMEOUT_MS = 5_000;

/** Asks all parts at once; one that does not answer in five seconds is down. */
export async function checkHealth(probes: readonly Probe[]): Promise<Health> {
  const parts = await Promise.all(
    probes.map(async ({ part, ping }) => {
      const startedAt = performance.now();
      const status = await answers(ping);
      const latency_ms = Math.round(performance.now() - startedAt);
      return [part, { status, latency_ms }] as const;
    }),
  );
  const isOk = parts.every(([, { status }]) => status === 'up');
  return { status: isOk ? 'ok' : 'degraded', parts: Object.fromEntries(parts) };
}

async function answers(ping: () => Promise<unknown>): Promise<'up' | 'down'> {
  const { promise: late, resolve } = Promise.withResolvers<'down'>();
  const timer = setTimeout(() => resolve('down'), TIMEOUT_MS);
  const answer = ping().then(
    () => 'up' as const,
    () => 'down' as const,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
