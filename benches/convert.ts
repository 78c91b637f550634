/**
 * Measures what a conversion takes beside `ffmpeg` on a local file: `npm run bench -- convert`.
 * Everything takes its turn in every round, so that what else the machine does hits all alike.
 * It says what was reached and fails on none of it: it is a benchmark. Linux only.
 */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ffmpegPath } from '../tests/support/media.ts';
import { DEBIAN, ON_DISK, ON_GRIDFS, PLAIN } from './convert/aims.ts';
import { describeMachine } from './convert/machine.ts';
import { makeMedia, SYSTEM_FFMPEG } from './convert/media.ts';
import { markdownOf } from './convert/report.ts';
import { measureRounds } from './convert/rounds.ts';
import { bundleFunction } from './convert/run-function.ts';
import { openDiskStores, openServiceStores, ServiceMissing } from './convert/stores.ts';
import { converter, plainFfmpeg, type Variant } from './convert/variants.ts';

const USAGE = `npm run bench -- convert

  --short        for CI: media of one minute, few of them, 3 rounds
  --rounds <n>   5 unless given
  --write        keeps the result in benches/results/convert.md`;

const RESULT = new URL('results/convert.md', import.meta.url);

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    process.exitCode = 128 + constants.signals[name];
    interruption.abort(new Error(`interrupted by ${name}`));
  });
}

try {
  const options = readOptions();
  const markdown = await bench(options, interruption.signal);
  console.log(markdown);
  if (options.write) await keep(markdown);
} catch (error) {
  const { signal } = interruption;
  if (signal.aborted) console.error(String(signal.reason));
  else console.error(error);
  process.exitCode ??= 1;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      short: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const form: 'short' | 'long' = values.short ? 'short' : 'long';
  const rounds = Number(values.rounds ?? (values.short ? 3 : 5));
  if (values.help || !Number.isInteger(rounds) || rounds < 1) {
    console.error(USAGE);
    process.exit(values.help ? 0 : 2);
  }
  if (process.platform !== 'linux') throw new Error('this bench reads /proc: it needs Linux');
  return { form, rounds, write: values.write };
}

async function bench(
  { form, rounds }: ReturnType<typeof readOptions>,
  signal: AbortSignal,
): Promise<string> {
  if (ffmpegPath === undefined)
    throw new Error('no ffmpeg was found; npm run build:layer makes one');
  const machine = await describeMachine({ ffmpeg: ffmpegPath, 'Debian’s ffmpeg': SYSTEM_FFMPEG });
  const media = await makeMedia(form, signal);
  await using run = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-bench-'));
  run.defer(() => rm(directory, { recursive: true, force: true }));
  const { variants, leftOut } = await openVariants(run, directory, ffmpegPath);
  for (const reason of leftOut) console.error(`left out: ${reason}`);
  const results = await measureRounds(rounds, media, variants, signal);
  return markdownOf({ form, rounds, machine, variants, leftOut, results });
}

/** What there is to compare. Whatever is opened is closed with the run. */
async function openVariants(run: AsyncDisposableStack, directory: string, ffmpegPath: string) {
  const leftOut: string[] = [];
  const bundlePath = await bundleFunction(directory);
  const program = { bundlePath, ffmpegPath };
  const onDisk = run.use(await openDiskStores(join(directory, 'stores')));
  const variants: Variant[] = [
    plainFfmpeg(PLAIN, ffmpegPath, directory),
    converter(ON_DISK, onDisk, program),
  ];
  try {
    const onServices = run.use(await openServiceStores());
    variants.push(converter(ON_GRIDFS, onServices, program));
  } catch (error) {
    if (!(error instanceof ServiceMissing)) throw error;
    leftOut.push(`${ON_GRIDFS} (${error.message})`);
  }
  if ((await realpath(ffmpegPath)) === (await realpath(SYSTEM_FFMPEG))) {
    leftOut.push(`${DEBIAN} (it is the one that the converter uses)`);
  } else variants.push(plainFfmpeg(DEBIAN, SYSTEM_FFMPEG, directory));
  return { variants, leftOut };
}

async function keep(markdown: string): Promise<void> {
  await mkdir(new URL('.', RESULT), { recursive: true });
  await writeFile(RESULT, markdown);
  console.error(`written to ${fileURLToPath(RESULT)}`);
}
