import type { ConversionOptions, SourceFacts } from '../../domain/media.ts';
import { type Gain, gainFor, NO_GAIN, refinedGain } from './conversion-plan.ts';
import { loudnessArguments } from './ffmpeg-arguments.ts';
import { type Loudness, unusableMediaIn } from './ffmpeg-report.ts';
import { type FfmpegSetting, failureOf, runToEnd } from './run-ffmpeg.ts';

/** What limiting takes away is measured and given back so often; each time costs one listening. */
const REFINEMENTS = 2;

/**
 * Listens to the whole track to find the gain that brings it to its loudness. Where peaks have to be
 * limited, the limited sound is listened to as well, since a limiter makes it less loud.
 *
 * @param onDone so many seconds are heard, of the first time
 */
export async function findGain(
  setting: FfmpegSetting,
  { sampleRateHz }: SourceFacts,
  options: ConversionOptions,
  onDone: (seconds: number) => void,
): Promise<Gain> {
  const loudness = await loudnessWith(setting, options, NO_GAIN, onDone);
  let gain: Gain = { ...gainFor(loudness), sampleRateHz };
  for (let times = 0; times < REFINEMENTS && gain.limitDbfs !== undefined; times += 1) {
    gain = refinedGain(gain, await loudnessWith(setting, options, gain));
  }
  return gain;
}

async function loudnessWith(
  setting: FfmpegSetting,
  options: ConversionOptions,
  gain: Gain,
  onDone?: (seconds: number) => void,
): Promise<Loudness> {
  const argumentsFor = (url: string) => loudnessArguments(url, options, gain);
  const ending = await runToEnd({ ...setting, argumentsFor, onDone }, 0);
  const { integratedLufs, truePeakDbfs } = ending.report.loudness;
  if (integratedLufs === undefined || truePeakDbfs === undefined) {
    throw unusableMediaIn(ending.report, ending.exit.code) ?? failureOf(ending);
  }
  return { integratedLufs, truePeakDbfs };
}
