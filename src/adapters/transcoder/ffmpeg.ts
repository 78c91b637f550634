import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Unavailable, UnusableMedia } from '../../domain/errors.ts';
import type {
  TranscodeJob,
  TranscodeResult,
  Transcoder,
  Transcoding,
} from '../../ports/transcoder.ts';
import { type ConversionPlan, hasEndedEarly, planConversion } from './conversion-plan.ts';
import { copyArguments, encodeArguments } from './ffmpeg-arguments.ts';
import { unusableMediaIn } from './ffmpeg-report.ts';
import { findGain } from './find-gain.ts';
import { tagContentOf } from './id3-content.ts';
import { lookAtSource, type SourceLook } from './look-at-source.ts';
import { describeCopy, wholeFrames } from './mp3-copy.ts';
import { createMp3Head, type Mp3Head } from './mp3-head.ts';
import {
  type FfmpegEnding,
  type FfmpegSetting,
  failureOf,
  ffmpegNotFound,
  runFfmpeg,
} from './run-ffmpeg.ts';

const VERSION_TIMEOUT_MS = 10_000;
const STALL_TIMEOUT_MS = 60_000;
/** Of the work of a normalised conversion, what listening to it first is. */
const LISTENING_PART = 0.2;

export interface FfmpegTranscoderOptions {
  /** `undefined`: none was found, and every call says so. */
  readonly ffmpegPath: string | undefined;
  /** How long ffmpeg may neither read, nor write, nor get on. */
  readonly stallTimeoutMs?: number | undefined;
}

/** Lets ffmpeg make the MP3, from a source that it reads by ranges from this process. */
export function createFfmpegTranscoder({
  ffmpegPath,
  stallTimeoutMs = STALL_TIMEOUT_MS,
}: FfmpegTranscoderOptions): Transcoder {
  return {
    async toMp3(job) {
      const { source, signal } = job;
      const setting = { ffmpegPath, stallTimeoutMs, source, signal };
      const look = await lookAtSource(setting, job.options);
      return createTranscoding(setting, job, look);
    },

    async version() {
      const options = { env: {}, timeout: VERSION_TIMEOUT_MS };
      if (ffmpegPath === undefined) throw ffmpegNotFound();
      try {
        const { stdout } = await promisify(execFile)(ffmpegPath, ['-version'], options);
        return stdout.split('\n', 1)[0] ?? '';
      } catch (cause) {
        throw new Unavailable('ffmpeg', { cause });
      }
    },
  };
}

/** A conversion that is decided upon and has not begun. */
interface Conversion {
  readonly setting: FfmpegSetting;
  readonly job: TranscodeJob;
  readonly look: SourceLook;
  readonly plan: ConversionPlan;
  readonly head: Mp3Head;
}

function createTranscoding(
  setting: FfmpegSetting,
  job: TranscodeJob,
  look: SourceLook,
): Transcoding {
  const plan = planConversion(look.facts, job.options);
  const head = createMp3Head(tagContentOf(job, look), plan.vbrQuality);
  const conversion: Conversion = { setting, job, look, plan, head };
  let result: TranscodeResult | undefined;
  const onResult = (ready: TranscodeResult) => {
    result = ready;
  };
  return {
    audio: convert(conversion, onResult),
    head,
    result() {
      if (result === undefined) throw new Error('the audio has not ended');
      return result;
    },
  };
}

async function* convert(
  conversion: Conversion,
  onResult: (result: TranscodeResult) => void,
): AsyncGenerator<Uint8Array> {
  const { head } = conversion;
  let ending: FfmpegEnding | undefined;
  const onEnd = (ended: FfmpegEnding) => {
    ending = ended;
  };
  for await (const piece of await soundOf(conversion, onEnd)) {
    head.add(piece);
    yield piece;
  }
  if (ending === undefined) throw new Error('ffmpeg has not ended');
  onResult(await resultOf(conversion, ending));
}

/** The frames of the MP3, as they come. */
async function soundOf(
  { setting, job, look, plan }: Conversion,
  onEnd: (ending: FfmpegEnding) => void,
): Promise<AsyncGenerator<Uint8Array>> {
  const { options } = job;
  if (plan.made.how === 'copied') {
    const argumentsFor = (url: string) => copyArguments(url, options);
    return wholeFrames(
      runFfmpeg({ ...setting, argumentsFor, onDone: progressOf(job, plan), onEnd }),
    );
  }
  if (!options.normalize) {
    const argumentsFor = (url: string) => encodeArguments(url, options, undefined);
    return runFfmpeg({ ...setting, argumentsFor, onDone: progressOf(job, plan), onEnd });
  }
  const listening = progressOf(job, plan, 0, LISTENING_PART);
  const gain = await findGain(setting, look.facts, options, listening);
  const argumentsFor = (url: string) => encodeArguments(url, options, gain);
  const onDone = progressOf(job, plan, LISTENING_PART);
  return runFfmpeg({ ...setting, argumentsFor, onDone, onEnd });
}

async function resultOf(conversion: Conversion, ending: FfmpegEnding): Promise<TranscodeResult> {
  const { setting, look, plan, head } = conversion;
  const { report, exit } = ending;
  // LAME asserts that sound is sound, which damaged floats are not.
  if (exit.signal === 'SIGABRT') {
    throw new UnusableMedia('unreadable-media', 'The sound in this file is damaged.');
  }
  if (exit.code !== 0 || head.frames === 0) {
    throw unusableMediaIn(report, exit.code) ?? failureOf(ending);
  }
  // The video is removed when its MP3 is ready: half an MP3 would be all that is left of it.
  if (ending.loss !== undefined) throw failureOf(ending);
  const isCopied = plan.made.how === 'copied';
  const { durationSeconds } = head.end(
    isCopied
      ? { copied: await describeCopy(setting.source, look, head.frames) }
      : { encodedSamples: report.encodedSamples },
  );
  return {
    durationSeconds,
    source: look.facts,
    made: plan.made,
    warnings: [
      ...plan.warnings,
      ...(look.isCoverTooLarge ? (['cover-too-large'] as const) : []),
      ...(hasEndedEarly(look.facts, plan, report, durationSeconds)
        ? (['source-ended-early'] as const)
        : []),
    ],
  };
}

/** Tells the job how far it is: this part of the work goes from one fraction to another. */
function progressOf(job: TranscodeJob, plan: ConversionPlan, from = 0, to = 1) {
  const { durationSeconds } = plan;
  return (doneSeconds: number): void => {
    const part = durationSeconds ? Math.min(1, doneSeconds / durationSeconds) : undefined;
    job.onProgress({
      doneSeconds,
      fraction: part === undefined ? undefined : from + (to - from) * part,
    });
  };
}
