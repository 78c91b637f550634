import { UnusableMedia } from '../../domain/errors.ts';
import type { SourceFacts, Warning } from '../../domain/media.ts';

/** What ffmpeg has said so far, line by line, on its standard error. */
export interface FfmpegReport {
  readonly facts: SourceFacts;
  /** The demuxer's name, once it has made sense of the source. */
  readonly container?: string | undefined;
  /** Ends the description of the source: what follows describes the MP3. */
  readonly describesOutput: boolean;
  readonly encodedSamples?: number | undefined;
  readonly hasNoAudio: boolean;
  readonly isNotMedia: boolean;
  readonly cannotDecode: boolean;
  /** Places where the source is cut off or spoilt. */
  readonly isDamaged: boolean;
  readonly lastLines: readonly string[];
}

export const emptyReport: FfmpegReport = {
  facts: {},
  describesOutput: false,
  hasNoAudio: false,
  isNotMedia: false,
  cannotDecode: false,
  isDamaged: false,
  lastLines: [],
};

const LAST_LINES = 20;
/** `[context @ 0x…] [level] message`; ffmpeg repeats metadata, so only lines with a level count. */
const LINE = /^(?:\[[^\]]+\] )*\[(?:info|verbose|warning|error|fatal|panic)\] (.*)$/;
const NOT_MEDIA =
  /Invalid data found when processing input|(?:Format|Protocol '.*') not on whitelist|moov atom not found/;
const CANNOT_DECODE =
  /^Error while opening decoder|no decoder found for|^Decoder \(codec .*\) not found/;
const DAMAGED =
  /partial file$|^File ended prematurely|^Packet corrupt|Error while decoding stream|Error submitting packet to decoder/;
/** `EXIT_CODE` of `FFERRTAG('E','R','E','D')`: more of the sound was broken than whole (ffmpeg ≥ 7). */
const TOO_MANY_DECODE_ERRORS = 69;
/** These say so when they end before what their index or their head promises. */
const CONTAINERS_THAT_TELL = /mov|matroska/;

/** The report with one more line in it. Worded alike by ffmpeg 5.1 to 9.0. */
export function reportWith(report: FfmpegReport, line: string): FfmpegReport {
  const message = LINE.exec(line)?.[1];
  const lastLines = [...report.lastLines.slice(1 - LAST_LINES), line];
  if (message === undefined) return { ...report, lastLines };
  const encoded = /^ {2}Output stream #0:0 .* \((\d+) samples\); /.exec(message)?.[1];
  return {
    facts: report.describesOutput ? report.facts : factsWith(report.facts, message),
    container: report.container ?? /^Input #0, (\S+), from /.exec(message)?.[1],
    describesOutput: report.describesOutput || message.startsWith('Output #0, '),
    encodedSamples: encoded === undefined ? report.encodedSamples : Number(encoded),
    hasNoAudio: report.hasNoAudio || /^Stream map '.*' matches no streams/.test(message),
    isNotMedia: report.isNotMedia || NOT_MEDIA.test(message),
    cannotDecode: report.cannotDecode || CANNOT_DECODE.test(message),
    isDamaged: report.isDamaged || DAMAGED.test(message),
    lastLines,
  };
}

/** Adds the container's length and the first audio stream, which is the one that is converted. */
function factsWith(facts: SourceFacts, message: string): SourceFacts {
  const length = /^ {2}Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(message);
  if (length !== null && facts.durationSeconds === undefined) {
    const [, hours, minutes, seconds] = length;
    const durationSeconds = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
    return { ...facts, durationSeconds };
  }
  const audio = /^ {2}Stream #0:\d+\S*: Audio: ([\w.]+)(?:.*?, (\d+) Hz, ([^,]+))?/.exec(message);
  if (audio === null || facts.audioCodec !== undefined) return facts;
  const [, audioCodec, sampleRateHz, channels] = audio;
  return {
    ...facts,
    audioCodec,
    channels,
    sampleRateHz: sampleRateHz === undefined ? undefined : Number(sampleRateHz),
  };
}

/**
 * Why the source can never become an MP3; `undefined` when that is not what the ending means.
 * ffmpeg's exit code alone does not tell: 5.1 answers 1 to everything, and 0 to a source without a
 * single sample.
 */
export function unusableMediaIn(
  report: FfmpegReport,
  exitCode: number | null,
): UnusableMedia | undefined {
  if (report.hasNoAudio) return new UnusableMedia('no-audio', 'This file has no sound in it.');
  if (report.container === undefined) {
    if (!report.isNotMedia) return undefined;
    return new UnusableMedia('unreadable-media', 'This file is not a video that can be read.');
  }
  if (report.cannotDecode) {
    const codec = report.facts.audioCodec ?? 'unknown';
    return new UnusableMedia('unreadable-media', `This kind of sound cannot be read: ${codec}.`);
  }
  if (exitCode === TOO_MANY_DECODE_ERRORS || (exitCode === 0 && report.isDamaged)) {
    return new UnusableMedia('unreadable-media', 'The sound in this file is damaged.');
  }
  if (exitCode === 0) return new UnusableMedia('no-audio', 'This file has no sound in it.');
  return undefined;
}

/**
 * What the owner should know. A cut-off file converts without an error as far as it goes; but a
 * sound track may also end before its pictures do, which is nothing to be warned of.
 */
export function warningsOf(report: FfmpegReport, durationSeconds: number): Warning[] {
  const missingSeconds = (report.facts.durationSeconds ?? 0) - durationSeconds;
  const isShort = missingSeconds > Math.max(1, durationSeconds * 0.01);
  const tells = CONTAINERS_THAT_TELL.test(report.container ?? '');
  return isShort && (report.isDamaged || !tells) ? ['source-ended-early'] : [];
}
