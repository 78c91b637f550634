import type { SignedInClient } from '../../tests/support/api-client.ts';
import type { LoadHost } from './host.ts';

/** That of tests/support/api-client.ts. */
const PASSWORD = 'correct horse battery';
const LISTS_PER_ROUND = 30;
/** A list that takes seconds is not asked for so often. */
const ROUND_MS = 8_000;

export interface StormResult {
  /** Of `GET /api/v1/files`, in ms, sorted. */
  readonly quietMs: readonly number[];
  readonly stormMs: readonly number[];
  /** How many sign-ins were answered, by status. */
  readonly signIns: ReadonlyMap<number, number>;
}

/** Lists are asked for with and without clients that sign in all the time, in turn. */
export async function measureStorm(
  host: LoadHost,
  clients: readonly SignedInClient[],
  stormClients: number,
  rounds: number,
  signal: AbortSignal,
): Promise<StormResult> {
  const [quietMs, stormMs]: [number[], number[]] = [[], []];
  const signIns = new Map<number, number>();
  for (let round = 0; round < rounds; round += 1) {
    signal.throwIfAborted();
    quietMs.push(...(await lists(clients)));
    const over = new AbortController();
    const storm = Array.from({ length: stormClients }, (_, index) =>
      signInUntil(over.signal, host, clients[index % clients.length]?.email ?? '', signIns),
    );
    try {
      stormMs.push(...(await lists(clients)));
    } finally {
      over.abort();
      await Promise.all(storm);
    }
  }
  const sorted = (values: number[]) => values.toSorted((one, other) => one - other);
  return { quietMs: sorted(quietMs), stormMs: sorted(stormMs), signIns };
}

async function lists(clients: readonly SignedInClient[]): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + ROUND_MS;
  for (let asked = 0; asked < LISTS_PER_ROUND && performance.now() < end; asked += 1) {
    const at = performance.now();
    const answer = await clients[asked % clients.length]?.get('/api/v1/files');
    await answer?.arrayBuffer();
    if (!answer?.ok) throw new Error(`a list was answered ${answer?.status}`);
    times.push(performance.now() - at);
  }
  return times;
}

async function signInUntil(
  over: AbortSignal,
  host: LoadHost,
  email: string,
  answers: Map<number, number>,
): Promise<void> {
  while (!over.aborted) {
    const answer = await fetch(`${host.service.url}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    await answer.arrayBuffer();
    answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
  }
}
