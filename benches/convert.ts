/**
 * Measures what a conversion takes beside `ffmpeg` on a local file: `npm run bench -- convert`.
 * Everything takes its turn in every round, so that what else the machine does hits all alike.
 * It says what was reached and fails on none of it: it is a benchmark. Linux only.
 */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ffmpegPath } from '../tests/support/media.ts';
import { type BenchRun, runBench } from './command.ts';
import { DEBIAN, ON_DISK, ON_GRIDFS, PLAIN } from './convert/aims.ts';
import { describeMachine } from './convert/machine.ts';
import { makeMedia, SYSTEM_FFMPEG } from './convert/media.ts';
import { markdownOf } from './convert/report.ts';
import { measureRounds } from './convert/rounds.ts';
import { bundleFunction } from './convert/run-function.ts';
import { openDiskStores, openServiceStores, ServiceMissing } from './convert/stores.ts';
import { converter, plainFfmpeg, type Variant } from './convert/variants.ts';

await runBench({
  name: 'convert',
  shortForm: 'media of one minute, few of them',
  rounds: 5,
  measure: bench,
});

async function bench({ isShort, rounds, signal }: BenchRun): Promise<string> {
  const form = isShort ? 'short' : 'long';
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
