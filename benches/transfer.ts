/**
 * Measures how large files are moved, beside programs that do nothing else: `npm run bench -- transfer`.
 * Everything takes its turn in every round, so that what else the machine does hits all alike. It says
 * what was reached and fails on none of it: it is a benchmark. Linux only.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from './convert/machine.ts';
import { table } from './convert/report.ts';
import { measureDownloads } from './transfer/downloads.ts';
import type { Section, TransferBench } from './transfer/section.ts';

const USAGE = `npm run bench -- transfer

  --short        for CI: files of 20 MB, 3 rounds
  --rounds <n>   7 unless given
  --write        keeps the result in benches/results/transfer.md`;

/** The halves of the bench, in the order of the report. */
const SECTIONS: readonly ((bench: TransferBench) => Promise<Section>)[] = [measureDownloads];

const RESULT = new URL('results/transfer.md', import.meta.url);

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    process.exitCode = 128 + constants.signals[name];
    interruption.abort(new Error(`interrupted by ${name}`));
  });
}

try {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const rounds = Number(values.rounds ?? (values.short ? 3 : 7));
  if (values.help || !Number.isInteger(rounds) || rounds < 1) {
    console.error(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  if (process.platform !== 'linux') throw new Error('this bench reads /proc: it needs Linux');
  const markdown = await bench(values.short, rounds);
  console.log(markdown);
  if (values.write) {
    await mkdir(new URL('.', RESULT), { recursive: true });
    await writeFile(RESULT, markdown);
  }
} catch (error) {
  const { signal } = interruption;
  console.error(signal.aborted ? String(signal.reason) : error);
  process.exitCode ??= 1;
}

async function bench(isShort: boolean, rounds: number): Promise<string> {
  const machine = await describeMachine({});
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-transfer-'));
  try {
    const form = isShort ? 'short: files of 20 MB' : 'long: files of 100 MB';
    const facts = { form, rounds: String(rounds), ...machine };
    const sections: Section[] = [];
    for (const measure of SECTIONS) {
      sections.push(await measure({ isShort, rounds, directory, signal: interruption.signal }));
    }
    return `${[
      '# How large files are moved',
      'Made by `npm run bench -- transfer --write`. In each round everything takes its turn; shown are medians.',
      table(['', ''], Object.entries(facts)),
      ...sections.flatMap(({ title, parts }) => [`## ${title}`, ...parts]),
    ].join('\n\n')}\n`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
