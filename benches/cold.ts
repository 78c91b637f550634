/**
 * Measures what a start of each function takes, in a fresh Node process that imports its bundle and
 * ends, beside an empty script: `npm run bench -- cold`. Everything takes its turn in every round, so
 * that what else the machine does hits all alike. It says what was reached and fails on none of it.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleFunction, FUNCTION_NAMES } from '../tests/support/bundle-function.ts';
import { type Start, startProcess } from './cold/start-process.ts';
import { type BenchRun, runBench } from './command.ts';
import { describeMachine } from './convert/machine.ts';
import { table } from './convert/report.ts';
import { median } from './median.ts';

/** In milliseconds, for a machine on which an empty script takes as long as is said here. */
const AIMS_MS: Readonly<Record<string, number>> = {
  users: 150,
  gateway: 250,
  converter: 200,
  notifier: 80,
};
const EMPTY_SCRIPT_MS = 40;

const HEAD =
  'function|bundle|gzipped|drivers|ms (least–most)|aim|÷ empty script|processor ms'.split('|');

interface Script {
  readonly name: string;
  readonly path: string;
  readonly driverPaths: readonly string[];
  readonly starts: Start[];
}

await runBench({ name: 'cold', shortForm: 'the same', rounds: 15, measure: bench });

async function bench({ isShort, rounds, signal }: BenchRun): Promise<string> {
  const machine = await describeMachine({});
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-cold-'));
  try {
    const scripts = await makeScripts(directory);
    const [empty, ...functions] = scripts;
    if (empty === undefined) throw new Error('there is no empty script');
    // The first time, files come from the disk.
    for (const { path } of scripts) await startProcess(path, signal);
    for (let round = 0; round < rounds; round += 1) {
      for (const { path, starts } of scripts) starts.push(await startProcess(path, signal));
    }
    const facts = { form: isShort ? 'short' : 'long', rounds: String(rounds), ...machine };
    return markdownOf(facts, empty, await Promise.all(functions.map((it) => row(it, empty))));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeScripts(directory: string): Promise<Script[]> {
  const empty = join(directory, 'empty.cjs');
  await writeFile(empty, '');
  const scripts: Script[] = [{ name: 'an empty script', path: empty, driverPaths: [], starts: [] }];
  for (const name of FUNCTION_NAMES) {
    const { path, driverPaths } = await bundleFunction(name, directory);
    scripts.push({ name, path, driverPaths, starts: [] });
  }
  return scripts;
}

async function row({ name, path, driverPaths, starts }: Script, empty: Script): Promise<string[]> {
  const bundle = await readFile(path);
  const drivers = await Promise.all(driverPaths.map((driver) => readFile(driver)));
  const wallMs = medianOf(starts, 'wallMs');
  const emptyMs = medianOf(empty.starts, 'wallMs');
  const aimMs = AIMS_MS[name];
  return [
    ...[name, megabytes(bundle.length), megabytes(gzipSync(bundle).length)],
    ...[megabytes(Buffer.concat(drivers).length), timesOf(starts)],
    aimMs === undefined ? '' : judged(wallMs, (aimMs / EMPTY_SCRIPT_MS) * emptyMs),
    (wallMs / emptyMs).toFixed(1),
    medianOf(starts, 'cpuMs').toFixed(0),
  ];
}

function markdownOf(
  facts: Readonly<Record<string, string>>,
  { name, starts }: Script,
  rows: string[][],
): string {
  const aims = Object.entries(AIMS_MS).map(([name, aimMs]) => `${name} ≤ ${aimMs} ms`);
  const emptyRow = [
    name,
    '',
    '',
    '',
    timesOf(starts),
    '',
    '',
    medianOf(starts, 'cpuMs').toFixed(0),
  ];
  return `${[
    '# What a start of a function takes',
    'Made by `npm run bench -- cold --write`. In each round everything takes its turn; shown are medians.',
    table(['', ''], Object.entries(facts)),
    `A bundle is made as it is deployed, with the options of serverless.yml, and imported by a Node process
of its own, which then ends: the time is the whole process’s, Node’s own start in it. Drivers are in files
beside the bundle, and are not loaded before something is asked of a store
(\`tests/unit/evaluated-drivers.test.ts\`). Processor time is user and system; on a machine that does
other things as well it says more than the time on the clock.`,
    `Aimed at: ${aims.join(', ')}, where an empty script takes ${EMPTY_SCRIPT_MS} ms. Here it took ${medianOf(starts, 'wallMs').toFixed(0)} ms, and
the aims are scaled by that.`,
    table(HEAD, [emptyRow, ...rows]),
  ].join('\n\n')}\n`;
}

function timesOf(starts: readonly Start[]): string {
  const ms = starts.map(({ wallMs }) => wallMs);
  const [least, most] = [Math.min(...ms), Math.max(...ms)];
  return `${medianOf(starts, 'wallMs').toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`;
}

function judged(wallMs: number, allowedMs: number): string {
  return `≤ ${allowedMs.toFixed(0)}, ${wallMs <= allowedMs ? 'reached' : '**not reached**'}`;
}

function medianOf(starts: readonly Start[], what: keyof Start): number {
  return median(starts.map((start) => start[what])) ?? Number.NaN;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
