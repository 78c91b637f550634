import type { ConversionOptions, Made, SourceFacts, Warning } from '../../domain/media.ts';
import type { Loudness } from './ffmpeg-report.ts';

/** What is going to be done to the sound. */
export interface ConversionPlan {
  readonly made: Made;
  /** The length that the MP3 will have, as far as the source tells. */
  readonly durationSeconds?: number | undefined;
  readonly warnings: readonly Warning[];
  /** LAME's V, where the bitrate is variable. */
  readonly vbrQuality?: number | undefined;
}

const TARGET_LUFS = -16;
/** Half a decibel below what is promised, for what MP3 adds to a peak. */
const MAX_PEAK_DBFS = -1.5;
/** Limited peaks are steep, and grow by up to 0.9 dB when the sample rate comes down again. */
const LIMIT_DBFS = -2.5;
/** More than this makes the noise of a nearly silent room a sound of its own. */
const MAX_GAIN_DB = 40;

export function planConversion(facts: SourceFacts, options: ConversionOptions): ConversionPlan {
  const made: Made = isCopyable(facts, options)
    ? { how: 'copied' }
    : { how: 'encoded', as: qualityName(options), normalized: options.normalize || undefined };
  return {
    made,
    durationSeconds: trimmedSeconds(facts.durationSeconds, options),
    warnings: isPointless(facts, options) ? ['bitrate-above-source'] : [],
    vbrQuality: made.how === 'encoded' ? VBR_QUALITY[made.as] : undefined,
  };
}

/** MP3 loses something each time it is encoded: what is one already, and is wanted as it is, stays. */
function isCopyable({ audioCodec }: SourceFacts, options: ConversionOptions): boolean {
  const { bitrateKbps, quality, mono, startSeconds, endSeconds, normalize } = options;
  const changes = [bitrateKbps, quality, mono || undefined, startSeconds, endSeconds];
  return audioCodec === 'mp3' && !normalize && changes.every((change) => change === undefined);
}

const VBR_QUALITY: Readonly<Record<string, number>> = { V0: 0, V2: 2 };

function qualityName({ bitrateKbps, quality = 'standard' }: ConversionOptions): string {
  if (bitrateKbps !== undefined) return `${bitrateKbps} kbit/s`;
  return { voice: '64 kbit/s', standard: 'V2', high: 'V0' }[quality];
}

/** What was lost in the source does not come back at a higher bitrate. */
function isPointless(facts: SourceFacts, { bitrateKbps }: ConversionOptions): boolean {
  return bitrateKbps !== undefined && bitrateKbps > (facts.bitrateKbps ?? bitrateKbps);
}

function trimmedSeconds(
  durationSeconds: number | undefined,
  { startSeconds = 0, endSeconds }: ConversionOptions,
): number | undefined {
  if (durationSeconds === undefined && endSeconds === undefined) return undefined;
  const end = Math.min(
    durationSeconds ?? Number.POSITIVE_INFINITY,
    endSeconds ?? Number.POSITIVE_INFINITY,
  );
  return Math.max(0, end - startSeconds);
}

/** What brings the sound to its loudness. */
export interface Gain {
  readonly gainDb: number;
  /** Peaks would go through the ceiling: they are held below it. */
  readonly limitDbfs?: number | undefined;
  /** The source's own, to which the limiter's comes down again. */
  readonly sampleRateHz?: number | undefined;
}

export const NO_GAIN: Gain = { gainDb: 0 };

/** EBU R 128 by one gain over all, so that quiet places stay as quiet against loud ones as they are. */
export function gainFor({ integratedLufs, truePeakDbfs }: Loudness): Gain {
  // −70 LUFS is where the measure's gate begins: there is nothing above it.
  if (integratedLufs <= -70) return { gainDb: 0 };
  const gainDb = Math.min(MAX_GAIN_DB, TARGET_LUFS - integratedLufs);
  return truePeakDbfs + gainDb > MAX_PEAK_DBFS ? { gainDb, limitDbfs: LIMIT_DBFS } : { gainDb };
}

/** The gain that makes up for what the limiter took away. */
export function refinedGain(gain: Gain, limited: Pick<Loudness, 'integratedLufs'>): Gain {
  return {
    ...gain,
    gainDb: Math.min(MAX_GAIN_DB, gain.gainDb + TARGET_LUFS - limited.integratedLufs),
  };
}

/** These say so when they end before what their index or their head promises. */
const CONTAINERS_THAT_TELL = /mov|matroska/;

/**
 * Whether the source was cut off: it converts without an error as far as it goes. A sound track may
 * also end before its pictures do, which is nothing to be warned of.
 */
export function hasEndedEarly(
  { container = '' }: SourceFacts,
  plan: Pick<ConversionPlan, 'durationSeconds'>,
  report: { readonly isDamaged: boolean },
  durationSeconds: number,
): boolean {
  const missingSeconds = (plan.durationSeconds ?? 0) - durationSeconds;
  const isShort = missingSeconds > Math.max(1, durationSeconds * 0.01);
  return isShort && (report.isDamaged || !CONTAINERS_THAT_TELL.test(container));
}
