import { AIMS, FFMPEG_MB, isCopied, NODE_MB } from './aims.ts';
import type { Result } from './measure.ts';
import { coldStartMs, type Summary, summaryOf, totalOf } from './summary.ts';
import type { Variant } from './variants.ts';

export interface Report {
  readonly form: 'short' | 'long';
  readonly rounds: number;
  readonly machine: Readonly<Record<string, string>>;
  readonly variants: readonly Pick<Variant, 'name' | 'description'>[];
  /** What could not be measured, and why. */
  readonly leftOut: readonly string[];
  readonly results: readonly Result[];
}

const FORMS = {
  short: 'short: few media, of one minute',
  long: 'long: media of ten minutes, a voice of sixty',
};

const MEASURED = `A conversion is measured from the event to the return of the handler: the record is claimed,
the video read, the MP3 stored, \`audio.ready\` published, the video removed. The upload is not in it,
nor the start of the function's process, which is bundled as it is deployed. Processor time and memory
are those of the function and of its ffmpeg (user and system; VmHWM, the most that was resident), not
of servers. Plain ffmpeg is measured from its start to its end; one that opens no file by its name, as
the layer's, is handed open ones (\`fd:\`).`;

const TIME_HEAD = 'medium|how|seconds (least–most)|÷ plain|aim|processor s|÷ plain'.split('|');
const OTHER_HEAD = 'medium|how|Node|ffmpeg|read ÷ video|first progress|in the record|made'.split(
  '|',
);

/** The whole result as Markdown, whose tables can also be read as they are. */
export function markdownOf(report: Report): string {
  const summaries = withTotals(report);
  const { form, rounds, machine, variants, leftOut } = report;
  return `${[
    '# What a conversion takes',
    'Made by `npm run bench -- convert --write`. In each round everything takes its turn; shown are medians.',
    table(['', ''], [['form', FORMS[form]], ['rounds', `${rounds}`], ...Object.entries(machine)]),
    list(variants.map(({ name, description }) => `**${name}**: ${description}`)),
    ...leftOut.map((reason) => `Left out: ${reason}.`),
    MEASURED,
    `Aimed at, for the long form: ${AIMS}.`,
    '## Time',
    table(TIME_HEAD, summaries.map(timeRow)),
    '## Memory, reading, progress',
    table(OTHER_HEAD, summaries.map(otherRow)),
    '## Cold start',
    `From the start of the function's process until it could take an event: ${coldStarts(report)}.`,
  ].join('\n\n')}\n`;
}

/** The summaries of each medium, and of all together; apart from what was only copied, if any was. */
function withTotals({ results, variants }: Report): Summary[] {
  const summaries = results.map((result) => summaryOf(result, results));
  const copied = new Set(summaries.filter(isCopied).map(({ medium }) => medium));
  const totals = (medium: string, of: readonly Summary[]) =>
    variants.map(({ name }) =>
      totalOf(
        medium,
        of.filter(({ variant }) => variant === name),
      ),
    );
  const encoded = summaries.filter(({ medium }) => !copied.has(medium));
  return [
    ...summaries,
    ...(copied.size > 0 ? totals('all but copied', encoded) : []),
    ...totals('all', summaries),
  ];
}

function timeRow(summary: Summary): string[] {
  const { medium, variant, wallMs, wallRangeMs, cpuMs, plain, allowedMs } = summary;
  const range = wallRangeMs ? ` (${wallRangeMs.map(seconds).join('–')})` : '';
  return [
    ...[medium, variant, `${seconds(wallMs)}${range}`, times(wallMs / plain.wallMs)],
    allowedMs === undefined
      ? ''
      : `≤ ${times(allowedMs / plain.wallMs)} ${reached(wallMs <= allowedMs)}`,
    ...[seconds(cpuMs), times(cpuMs / plain.cpuMs)],
  ];
}

function otherRow(summary: Summary): string[] {
  const { medium, variant, nodeBytes, ffmpegBytes, readBytes, sizeBytes, made } = summary;
  const isFunction = nodeBytes !== undefined;
  return [
    ...[medium, variant],
    isFunction ? megabytes(nodeBytes, NODE_MB) : '',
    megabytes(ffmpegBytes, isFunction ? FFMPEG_MB : undefined),
    readBytes === undefined ? '' : (readBytes / sizeBytes).toFixed(3),
    secondsIfAny(summary.firstProgressMs),
    secondsIfAny(summary.firstRecordedMs),
    made ?? '',
  ];
}

function megabytes(bytes: number, aimMb: number | undefined): string {
  const mb = bytes / 1e6;
  const text = `${mb.toFixed(0)} MB`;
  return aimMb === undefined ? text : `${text}, ≤ ${aimMb} ${reached(mb <= aimMb)}`;
}

function coldStarts({ results, variants }: Report): string {
  return variants
    .flatMap(({ name }) => {
      const ms = coldStartMs(results, name);
      return ms === undefined ? [] : [`${name}: ${seconds(ms)} s`];
    })
    .join('; ');
}

function secondsIfAny(ms: number | undefined): string {
  return ms === undefined ? '' : `${seconds(ms)} s`;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(2);
const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;
const reached = (isReached: boolean): string => (isReached ? 'reached' : '**not reached**');

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** Columns are as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) =>
    Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
