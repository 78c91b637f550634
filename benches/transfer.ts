/**
 * Measures how large files are moved, beside programs that do nothing else: `npm run bench -- transfer`.
 * Everything takes its turn in every round, so that what else the machine does hits all alike. It says
 * what was reached and fails on none of it: it is a benchmark. Linux only.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchRun, runBench } from './command.ts';
import { describeMachine } from './convert/machine.ts';
import { table } from './convert/report.ts';
import { measureDownloads } from './transfer/downloads.ts';
import type { Section, TransferBench } from './transfer/section.ts';
import { measureUploads } from './transfer/uploads.ts';

/** The halves of the bench, in the order of the report. */
const SECTIONS: readonly ((bench: TransferBench) => Promise<Section>)[] = [
  measureUploads,
  measureDownloads,
];

await runBench({ name: 'transfer', shortForm: 'smaller files', rounds: 7, measure: bench });

async function bench({ isShort, rounds, signal }: BenchRun): Promise<string> {
  const machine = await describeMachine({});
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-transfer-'));
  try {
    const form = isShort ? 'short: small files' : 'long: files of 100 MB and 1 GB';
    const facts = { form, rounds: String(rounds), ...machine };
    const sections: Section[] = [];
    for (const measure of SECTIONS) {
      sections.push(await measure({ isShort, rounds, directory, signal }));
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
