import { allowedMs, PLAIN } from './aims.ts';
import { type Measure, medianOf, type Result } from './measure.ts';

/** The medians of one medium, converted in one way, and what they are compared with. */
export interface Summary {
  readonly medium: string;
  readonly variant: string;
  readonly sizeBytes: number;
  readonly wallMs: number;
  readonly wallRangeMs?: readonly [number, number];
  readonly cpuMs: number;
  readonly plain: { readonly wallMs: number; readonly cpuMs: number };
  /** How long it may take; `undefined` where nothing was aimed at. */
  readonly allowedMs?: number | undefined;
  readonly ffmpegBytes: number;
  readonly nodeBytes?: number | undefined;
  readonly readBytes?: number | undefined;
  readonly firstProgressMs?: number | undefined;
  readonly firstRecordedMs?: number | undefined;
  readonly made?: string | undefined;
}

export function summaryOf(result: Result, all: readonly Result[]): Summary {
  const { medium, variant, sizeBytes, measures } = result;
  const ofPlain = all.find((other) => other.medium === medium && other.variant === PLAIN);
  const plain = {
    wallMs: medianOf(ofPlain?.measures ?? [], 'wallMs') ?? 0,
    cpuMs: medianOf(ofPlain?.measures ?? [], 'cpuMs') ?? 0,
  };
  const walls = measures.map(({ wallMs }) => wallMs);
  const made = [...new Set(measures.flatMap((measure) => measure.made ?? []))].join(' / ');
  return {
    ...{ medium, variant, sizeBytes, plain, made },
    wallMs: medianOf(measures, 'wallMs') ?? 0,
    wallRangeMs: [Math.min(...walls), Math.max(...walls)],
    cpuMs: medianOf(measures, 'cpuMs') ?? 0,
    allowedMs: allowedMs(variant, { made }, plain.wallMs),
    ffmpegBytes: medianOf(measures, 'ffmpegBytes') ?? 0,
    nodeBytes: medianOf(measures, 'nodeBytes'),
    readBytes: medianOf(measures, 'readBytes'),
    firstProgressMs: medianOf(measures, 'firstProgressMs'),
    firstRecordedMs: medianOf(measures, 'firstRecordedMs'),
  };
}

/** Several media taken together: times and bytes add up, of memory the most counts. */
export function totalOf(medium: string, summaries: readonly Summary[]): Summary {
  const [first] = summaries;
  const sum = (of: (summary: Summary) => number | undefined): number =>
    summaries.reduce((total, summary) => total + (of(summary) ?? 0), 0);
  const most = (of: (summary: Summary) => number | undefined): number | undefined => {
    const values = summaries.flatMap((summary) => of(summary) ?? []);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  return {
    ...{ medium, variant: first?.variant ?? '' },
    sizeBytes: sum(({ sizeBytes }) => sizeBytes),
    wallMs: sum(({ wallMs }) => wallMs),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    plain: { wallMs: sum(({ plain }) => plain.wallMs), cpuMs: sum(({ plain }) => plain.cpuMs) },
    allowedMs: first?.allowedMs === undefined ? undefined : sum((summary) => summary.allowedMs),
    ffmpegBytes: most(({ ffmpegBytes }) => ffmpegBytes) ?? 0,
    nodeBytes: most(({ nodeBytes }) => nodeBytes),
    readBytes: first?.readBytes === undefined ? undefined : sum(({ readBytes }) => readBytes),
  };
}

/** Over all media: a process starts the same way whatever it is going to convert. */
export function coldStartMs(results: readonly Result[], variant: string): number | undefined {
  const measures: Measure[] = results
    .filter((result) => result.variant === variant)
    .flatMap((result) => result.measures);
  return medianOf(measures, 'coldStartMs');
}
