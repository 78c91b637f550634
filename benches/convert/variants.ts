import { createReadStream } from 'node:fs';
import { join, relative } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { eraseConversion } from '../../src/conversions/erase-conversion.ts';
import { type Conversion, newConversion, queued } from '../../src/domain/conversion.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { rmqEvent, someMessage } from '../../tests/support/rmq-event.ts';
import type { Measure } from './measure.ts';
import type { Medium } from './media.ts';
import { measurePlainFfmpeg } from './plain-ffmpeg.ts';
import { watchMemory } from './proc.ts';
import { startFunction } from './run-function.ts';
import type { Stores } from './stores.ts';

/** A way to convert a medium. */
export interface Variant {
  readonly name: string;
  /** In words, for the result. */
  readonly description: string;
  /** Whatever is not to be measured: the upload, the start of processes. */
  prepare(medium: Medium, signal: AbortSignal): Promise<PreparedConversion>;
}

export interface PreparedConversion extends AsyncDisposable {
  measure(): Promise<Measure>;
}

/** @param directory for the MP3 */
export function plainFfmpeg(name: string, program: string, directory: string): Variant {
  return {
    name,
    description: `\`${nameOf(program)} -i <video> -vn -q:a 2 <mp3>\`, from and to the disk`,
    async prepare(medium, signal) {
      const files = { video: medium.path, mp3: join(directory, `${uuidv7()}.mp3`) };
      return {
        measure: () => measurePlainFfmpeg(program, files, signal),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

/** The converter function with these stores, in a process of its own for every conversion. */
export function converter(
  name: string,
  stores: Stores,
  program: { readonly bundlePath: string; readonly ffmpegPath: string },
): Variant {
  return {
    name,
    description: `the converter's handler, given an \`aws:rmq\` event; ${stores.description}`,
    async prepare(medium, signal) {
      const id = uuidv7();
      await upload(stores, id, medium, signal);
      const settings = { ...stores.settings, FFMPEG_PATH: program.ffmpegPath };
      const warm = await startFunction(program.bundlePath, settings, signal);
      return {
        async measure() {
          const memory = watchMemory(warm.pid, program.ffmpegPath);
          const event = rmqEvent('video.uploaded', someMessage('video.uploaded', id));
          const measure = await warm.handle(event).finally(memory.stop);
          const made = whatWasMade(await stores.conversions.find(id));
          const { coldStartMs } = warm;
          return { ...measure, ffmpegBytes: memory.stop(), coldStartMs, made };
        },
        async [Symbol.asyncDispose]() {
          await warm[Symbol.asyncDispose]();
          const { files, conversions } = stores;
          await eraseConversion({ files, conversions, clock: systemClock }, id);
        },
      };
    },
  };
}

/** As it is called from the project's folder. */
function nameOf(program: string): string {
  const fromHere = relative('', program);
  return fromHere.startsWith('..') ? program : fromHere;
}

/** Leaves what the gateway leaves. */
async function upload(
  { files, conversions }: Stores,
  id: string,
  { path, fileName, sizeBytes }: Medium,
  signal: AbortSignal,
): Promise<void> {
  const owner = { userId: 'bench', email: 'bench@example.org' };
  const now = systemClock.now();
  await files.put({ bucket: 'videos', key: id }, createReadStream(path), { signal });
  await conversions.create(
    queued(newConversion({ id, owner, options: {}, fileName }, now), sizeBytes, now),
  );
}

function whatWasMade(conversion: Conversion | undefined): string {
  if (conversion?.state !== 'ready') {
    const reason = conversion?.error?.message ?? 'what the converter logged is above';
    throw new Error(`the conversion is ${conversion?.state ?? 'gone'} and not ready: ${reason}`);
  }
  const { made, warnings } = conversion;
  const how = made?.how === 'encoded' ? `encoded, ${made.as}` : (made?.how ?? 'not said');
  return [how, ...warnings].join('; ');
}
