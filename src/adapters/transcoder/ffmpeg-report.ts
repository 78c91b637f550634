import { UnusableMedia } from '../../domain/errors.ts';

/** A sound track, as ffmpeg describes it. */
interface AudioStream {
  readonly codec: string;
  readonly sampleRateHz?: number | undefined;
  readonly channels?: string | undefined;
  readonly bitrateKbps?: number | undefined;
}

/** As EBU R 128 measures it. */
export interface Loudness {
  readonly integratedLufs: number;
  readonly truePeakDbfs: number;
}

/** What ffmpeg has said so far, line by line, on its standard error. */
export interface FfmpegReport {
  /** The demuxer's name, once it has made sense of the source. */
  readonly container?: string | undefined;
  readonly durationSeconds?: number | undefined;
  readonly audioStreams: readonly AudioStream[];
  /** The number of the stream that is a cover. */
  readonly coverStream?: number | undefined;
  /** Ends the description of the source: what follows describes the output. */
  readonly describesOutput: boolean;
  readonly encodedSamples?: number | undefined;
  readonly loudness: Partial<Loudness>;
  readonly hasNoAudio: boolean;
  readonly isNotMedia: boolean;
  readonly hasTooManyTracks: boolean;
  readonly cannotDecode: boolean;
  /** Places where the source is cut off or spoilt. */
  readonly isDamaged: boolean;
  readonly lastLines: readonly string[];
}

export const emptyReport: FfmpegReport = {
  audioStreams: [],
  describesOutput: false,
  loudness: {},
  hasNoAudio: false,
  isNotMedia: false,
  hasTooManyTracks: false,
  cannotDecode: false,
  isDamaged: false,
  lastLines: [],
};

const LAST_LINES = 20;
/** `[context @ 0x…] [level] message`; ffmpeg repeats metadata, so only lines with a level count. */
const LINE = /^(?:\[[^\]]+\] )*\[(?:info|verbose|warning|error|fatal|panic)\] (.*)$/;
const NOT_MEDIA =
  /Invalid data found when processing input|(?:Format|Protocol '.*') not on whitelist|moov atom not found|: End of file$/;
/** Up to 6.1 the line begins with the source's address. What is the machine's fault is not here. */
const CANNOT_OPEN =
  /^(?:Error opening input|http:\S+): (?:Invalid argument|Input\/output error|Not yet implemented)/;
/** What comes behind the first 64 is then read wrongly or not at all. */
const TOO_MANY_TRACKS = /^Number of (?:streams|tracks) exceeds max_streams/;
const CANNOT_DECODE =
  /^Error while opening decoder|no decoder found for|^Decoder \(codec .*\) not found/;
const DAMAGED =
  /partial file$|^File ended prematurely|^Packet corrupt|Error while decoding stream|Error submitting packet to decoder/;
/** `EXIT_CODE` of `FFERRTAG('E','R','E','D')`: more of the sound was broken than whole (ffmpeg ≥ 7). */
const TOO_MANY_DECODE_ERRORS = 69;

/** The report with one more line in it. Worded alike by ffmpeg 5.1 to 9.0. */
export function reportWith(report: FfmpegReport, line: string): FfmpegReport {
  const message = LINE.exec(line)?.[1];
  const lastLines = [...report.lastLines.slice(1 - LAST_LINES), line];
  const loudness = loudnessWith(report.loudness, line);
  if (message === undefined) return { ...report, loudness, lastLines };
  const encoded = /^ {2}Output stream #0:0 .* \((\d+) samples\); /.exec(message)?.[1];
  return {
    ...(report.describesOutput ? report : withSource(report, message)),
    describesOutput: report.describesOutput || message.startsWith('Output #0, '),
    encodedSamples: encoded === undefined ? report.encodedSamples : Number(encoded),
    loudness,
    hasNoAudio: report.hasNoAudio || /^Stream map '.*' matches no streams/.test(message),
    isNotMedia: report.isNotMedia || NOT_MEDIA.test(message) || CANNOT_OPEN.test(message),
    hasTooManyTracks: report.hasTooManyTracks || TOO_MANY_TRACKS.test(message),
    cannotDecode: report.cannotDecode || CANNOT_DECODE.test(message),
    isDamaged: report.isDamaged || DAMAGED.test(message),
    lastLines,
  };
}

/** Adds the container, its length and its sound tracks, each on a line of its own. */
function withSource(report: FfmpegReport, message: string): FfmpegReport {
  const container = /^Input #0, (\S+), from /.exec(message)?.[1];
  if (container !== undefined) return { ...report, container: report.container ?? container };
  const length = /^ {2}Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(message);
  if (length !== null && report.durationSeconds === undefined) {
    const [, hours, minutes, seconds] = length;
    const durationSeconds = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
    return { ...report, durationSeconds };
  }
  const cover = /^ {2}Stream #0:(\d+)\S*: Video: .* \(attached pic\)/.exec(message)?.[1];
  if (cover !== undefined) return { ...report, coverStream: report.coverStream ?? Number(cover) };
  const stream = audioStreamOf(message);
  return stream ? { ...report, audioStreams: [...report.audioStreams, stream] } : report;
}

function audioStreamOf(message: string): AudioStream | undefined {
  const audio = /^ {2}Stream #0:\d+\S*: Audio: ([\w.]+)(.*)$/.exec(message);
  if (audio === null) return undefined;
  const [, codec = '', details = ''] = audio;
  const format = /, (\d+) Hz, ([^,]+)/.exec(details);
  const bitrate = /, (\d+) kb\/s/.exec(details)?.[1];
  return {
    codec,
    sampleRateHz: format?.[1] === undefined ? undefined : Number(format[1]),
    channels: format?.[2],
    bitrateKbps: bitrate === undefined ? undefined : Number(bitrate),
  };
}

/** The summary of the ebur128 filter: one message over many lines, which have no level. */
function loudnessWith(loudness: Partial<Loudness>, line: string): Partial<Loudness> {
  const integrated = /^ {4}I: +(-?[\d.]+|-?inf) LUFS/.exec(line)?.[1];
  if (integrated !== undefined) return { ...loudness, integratedLufs: decibels(integrated) };
  const peak = /^ {4}Peak: +(-?[\d.]+|-?inf) dBFS/.exec(line)?.[1];
  return peak === undefined ? loudness : { ...loudness, truePeakDbfs: decibels(peak) };
}

function decibels(text: string): number {
  return text.endsWith('inf') ? Number.NEGATIVE_INFINITY : Number(text);
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
  if (report.hasTooManyTracks) {
    return new UnusableMedia('unreadable-media', 'This file has too many tracks.');
  }
  if (report.hasNoAudio) return new UnusableMedia('no-audio', 'This file has no sound in it.');
  if (report.container === undefined) {
    if (!report.isNotMedia) return undefined;
    return new UnusableMedia('unreadable-media', 'This file is not a video that can be read.');
  }
  if (report.cannotDecode) {
    const codec = report.audioStreams[0]?.codec ?? 'unknown';
    return new UnusableMedia('unreadable-media', `This kind of sound cannot be read: ${codec}.`);
  }
  if (exitCode === TOO_MANY_DECODE_ERRORS || (exitCode === 0 && report.isDamaged)) {
    return new UnusableMedia('unreadable-media', 'The sound in this file is damaged.');
  }
  if (exitCode === 0) return new UnusableMedia('no-audio', 'This file has no sound in it.');
  return undefined;
}
