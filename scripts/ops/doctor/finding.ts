import { performance } from 'node:perf_hooks';

/** One line of the diagnosis. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  /** What was looked at: `MongoDB (files)`. */
  readonly part: string;
  readonly says: string;
  /** What to do about it; absent when it is well. */
  readonly todo?: string | undefined;
}

/** Looks at one part; whatever it throws is a finding, too. */
export type Check = () => Promise<Finding[]>;

/** How long one part may take. */
export const TIMEOUT_MS = 5_000;
/** Leases, links and retentions bear less than a minute. docs/reliability.md has what a day costs. */
const CLOCK_WARN_MS = 5_000;

export interface Answer {
  /** What the other side says that it is. */
  readonly version: string;
  /** Its time, where it tells it. */
  readonly time?: Date | undefined;
}

/** Asks a dependency for its version, and takes the time. */
export async function asked(
  part: string,
  todo: string,
  ask: () => Promise<Answer>,
): Promise<Finding[]> {
  const startedAtMs = performance.now();
  try {
    const { version, time } = await inTime(ask());
    const latencyMs = Math.round(performance.now() - startedAtMs);
    const findings: Finding[] = [{ level: 'ok', part, says: `${version}, in ${latencyMs} ms` }];
    return time ? [...findings, ...clockOf(part, time, latencyMs)] : findings;
  } catch (error) {
    return [{ level: 'fail', part, says: reasonOf(error), todo }];
  }
}

/** The innermost cause: that one knows the port, the user, the file. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  const [line = ''] = (error.message || error.name).split('\n');
  return line;
}

function clockOf(part: string, time: Date, latencyMs: number): Finding[] {
  const differenceMs = Math.abs(Date.now() - time.getTime());
  if (differenceMs <= CLOCK_WARN_MS + latencyMs) return [];
  return [
    {
      level: 'warn',
      part,
      says: `its clock differs from this machine’s by ${Math.round(differenceMs / 1_000)} s`,
      todo: 'Let both machines keep their time by NTP; docs/reliability.md says what a wrong clock costs.',
    },
  ];
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, 2 * TIMEOUT_MS, new Error(`no answer in ${2 * TIMEOUT_MS} ms`));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
