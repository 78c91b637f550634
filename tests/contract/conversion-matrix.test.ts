import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type IAudioMetadata, parseFile } from 'music-metadata';
import { describe, expect, it, vi } from 'vitest';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import type { Made } from '../../src/domain/media.ts';
import type { TranscodeResult } from '../../src/ports/transcoder.ts';
import { decodePcm, differenceDb, levelDb, type Pcm } from '../support/decoded-pcm.ts';
import { type MatrixSample, matrixFile } from '../support/matrix-media.ts';
import { matrixRows } from '../support/matrix-rows.ts';
import {
  cutSamples,
  specialSamples,
  spoiltSamples,
  unusableSamples,
} from '../support/matrix-specials.ts';
import { ffmpegPath } from '../support/media.ts';
import { fileSource, jobOf, writeMp3 } from '../support/media-source.ts';
import { plainFfmpeg, trimFilters } from '../support/plain-ffmpeg.ts';
import { tempDir } from '../support/temp-dir.ts';

// As many at a time as CI has cores.
vi.setConfig({ maxConcurrency: 2 });

/** Decoded to the same floats. */
const NO_DIFFERENCE_DB = Number.NEGATIVE_INFINITY;
/** What MP3 itself takes and adds, in the worst of the samples; a shift in time makes it positive. */
const MAX_CODING_NOISE_DB = -12;
/** LAME's delay and padding, which music-metadata counts with the sound. */
const MAX_SILENT_SAMPLES = 2 * 1_152;
/** Debian: apt-get install mp3val. */
const MP3VAL = 'mp3val';
const hasMp3val = spawnSync(MP3VAL).error === undefined;

if (ffmpegPath === undefined) throw new Error('there is no ffmpeg to be tested');
const transcoder = createFfmpegTranscoder({ ffmpegPath });
const makePlainMp3 = await plainFfmpeg(ffmpegPath);
const folder = await tempDir('matrix');
const mp3Paths: string[] = [];

describe.concurrent('the sound of a source', () => {
  it.each([...matrixRows(), ...specialSamples])('is kept whole from $name', async (sample) => {
    const conversion = await convert(sample);
    await expectSameSound(sample, conversion);
    expect(conversion.result.warnings).toEqual([]);
  });

  it.each(cutSamples)('is kept as far as it goes from $name', async ({ tells, ...sample }) => {
    const conversion = await convert(sample);
    await expectSameSound(sample, conversion);
    if (tells) expect(conversion.result.warnings).toEqual(['source-ended-early']);
  });

  it.each(spoiltSamples)(
    'is saved as well as ffmpeg can from $name',
    async ({ whole, ...sample }) => {
      const plainPath = await plainMp3(sample);
      if (plainPath === undefined) {
        const refusal = { code: 'unreadable-media', retry: 'never' };
        return await expect(convert(sample)).rejects.toMatchObject(refusal);
      }
      const conversion = await convert(sample);
      if (conversion.result.made.how === 'encoded') {
        const { made, reference } = await decode(sample, conversion, plainPath);
        expect(made.samples).toBe(reference.samples);
        expect(differenceDb(made, reference)).toBe(NO_DIFFERENCE_DB);
      } else {
        // ffmpeg drops a frame with a stray byte in front of it, which a copy can keep.
        const wholePath = await matrixFile(whole);
        const { made, source, reference } = await decode(sample, conversion, wholePath);
        expect(made.samples).toBeGreaterThanOrEqual(source.samples - frameSamples(conversion));
        expect(made.samples).toBeLessThanOrEqual(reference.samples + frameSamples(conversion));
      }
    },
  );

  it.each(unusableSamples)('is not found in $name', async ({ code, ...sample }) => {
    await expect(convert(sample)).rejects.toMatchObject({ code, retry: 'never' });
  });
});

// Runs after all that is concurrent.
it.skipIf(!hasMp3val && process.env['REQUIRE_SERVICES'] !== '1')(
  'leaves nothing that mp3val would find fault with',
  async () => {
    expect(mp3Paths.length).toBeGreaterThan(0);
    const { stdout } = await promisify(execFile)(MP3VAL, mp3Paths);
    expect(stdout.match(/^INFO/gm)).toHaveLength(mp3Paths.length);
    expect(stdout.match(/^(WARNING|ERROR).*/gm)).toBe(null);
  },
);

interface Conversion {
  readonly mp3Path: string;
  readonly metadata: IAudioMetadata;
  readonly result: TranscodeResult;
}

async function convert(sample: MatrixSample): Promise<Conversion> {
  const { name, fileName, options = {} } = sample;
  const mp3Path = join(folder, `${name}.mp3`);
  const source = await fileSource(await matrixFile(sample));
  const transcoding = await transcoder.toMp3(jobOf(source, { fileName, options }));
  await writeMp3(transcoding, mp3Path);
  mp3Paths.push(mp3Path);
  return { mp3Path, metadata: await parseFile(mp3Path), result: transcoding.result() };
}

/** `undefined`: plain ffmpeg fails. */
async function plainMp3(sample: MatrixSample): Promise<string | undefined> {
  const path = join(folder, `${sample.name}, plain.mp3`);
  const isMade = await makePlainMp3(await matrixFile(sample), path, sample.options);
  return isMade ? path : undefined;
}

interface Sounds {
  readonly made: Pcm;
  readonly source: Pcm;
  /** What `made` is compared with: the sound at the given path, else the source's. */
  readonly reference: Pcm;
}

async function decode(
  sample: MatrixSample,
  { mp3Path, metadata }: Conversion,
  referencePath?: string,
): Promise<Sounds> {
  const { options = {} } = sample;
  const { numberOfChannels: channels = 0, sampleRate: sampleRateHz = 0 } = metadata.format;
  const [made, source, reference = source] = await decodePcm(
    [
      { path: mp3Path },
      { path: await matrixFile(sample), track: options.track, filters: trimFilters(options) },
      ...(referencePath === undefined ? [] : [{ path: referencePath }]),
    ],
    { channels, sampleRateHz },
  );
  if (!made || !source || !reference) throw new Error('a sound was not decoded');
  return { made, source, reference };
}

function frameSamples({ metadata }: Conversion): number {
  return (metadata.format.sampleRate ?? 0) < 32_000 ? 576 : 1_152;
}

async function expectSameSound(sample: MatrixSample, conversion: Conversion): Promise<void> {
  const { result } = conversion;
  expect(result.made).toMatchObject(expectedMade(sample));
  expect(result.source.audioCodec).toBe(sample.codec);
  // ffmpeg's own copies of frames begin too early or too late by the encoder's silence, so that
  // only the source itself can tell how a copy has to sound.
  const plainPath = result.made.how === 'copied' ? undefined : await plainMp3(sample);
  const { made, source, reference } = await decode(sample, conversion, plainPath);
  expect(differenceDb(made, reference)).toBe(NO_DIFFERENCE_DB);
  if (result.made.how === 'encoded') expect(made.samples).toBe(reference.samples);
  expect(Math.abs(made.samples - source.samples)).toBeLessThanOrEqual(frameSamples(conversion));
  expect(Math.abs(levelDb(made) - levelDb(source))).toBeLessThan(0.5);
  expect(differenceDb(made, source) - levelDb(source)).toBeLessThan(MAX_CODING_NOISE_DB);
  expectReadableHead(sample, conversion, made);
}

function expectedMade({ codec, options = {} }: MatrixSample): Made {
  const { track: _, ...changes } = options;
  if (codec === 'mp3' && Object.keys(changes).length === 0) return { how: 'copied' };
  const { bitrateKbps, quality = 'standard' } = options;
  const as = { voice: '64 kbit/s', standard: 'V2', high: 'V0' }[quality];
  return { how: 'encoded', as: bitrateKbps === undefined ? as : `${bitrateKbps} kbit/s` };
}

/** What players show of it, by another reader than ffmpeg. */
function expectReadableHead(
  sample: MatrixSample,
  { metadata, result }: Conversion,
  made: Pcm,
): void {
  const { duration = 0, sampleRate = 0, codecProfile } = metadata.format;
  expect(result.durationSeconds * sampleRate).toBeCloseTo(made.samples, 1);
  const silentSamples = duration * sampleRate - made.samples;
  expect(silentSamples).toBeGreaterThanOrEqual(-1);
  expect(silentSamples).toBeLessThan(MAX_SILENT_SAMPLES);
  if (result.made.how === 'encoded') {
    const isVariable = result.made.as.startsWith('V');
    // It takes four frames of the same bitrate at the beginning for a constant one.
    expect(isVariable ? [result.made.as, 'CBR'] : ['CBR']).toContain(codecProfile);
  }
  expect(metadata.common.title).toBe(sample.title ?? sample.name);
}
