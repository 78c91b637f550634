import { mkdir, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** What a bench is told. */
export interface BenchRun {
  readonly isShort: boolean;
  readonly rounds: number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

interface Bench {
  /** As `npm run bench -- <name>` has it; the result is `results/<name>.md`. */
  readonly name: string;
  /** What CI measures. */
  readonly shortForm: string;
  /** Unless others are given, or it is short. */
  readonly rounds: number;
  /** @returns the report, in Markdown */
  measure(run: BenchRun): Promise<string>;
}

/** Runs a bench as its command line asks for, and says what it measured. Linux only. */
export async function runBench(bench: Bench): Promise<void> {
  const interruption = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      process.exitCode = 128 + constants.signals[name];
      interruption.abort(new Error(`interrupted by ${name}`));
    });
  }
  const { signal } = interruption;
  try {
    const { isShort, rounds, isKept } = readOptions(bench);
    const markdown = await bench.measure({ isShort, rounds, signal });
    console.log(markdown);
    if (isKept) await keep(bench, markdown);
  } catch (error) {
    console.error(signal.aborted ? String(signal.reason) : error);
    process.exitCode ??= 1;
  }
}

function readOptions(bench: Bench) {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.short ? 3 : bench.rounds));
  if (values.help || !Number.isInteger(rounds) || rounds < 1) {
    console.error(usageOf(bench));
    process.exit(values.help ? 0 : 2);
  }
  if (process.platform !== 'linux') throw new Error('this bench reads /proc: it needs Linux');
  return { isShort: values.short, rounds, isKept: values.write };
}

const usageOf = ({ name, shortForm, rounds }: Bench) => `npm run bench -- ${name}

  --short        for CI: ${shortForm}, 3 rounds
  --rounds <n>   ${rounds} unless given
  --write        keeps the result in benches/results/${name}.md`;

async function keep({ name }: Bench, markdown: string): Promise<void> {
  const result = new URL(`results/${name}.md`, import.meta.url);
  await mkdir(new URL('.', result), { recursive: true });
  await writeFile(result, markdown);
  console.error(`written to ${fileURLToPath(result)}`);
}
