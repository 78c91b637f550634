import { UnusableMedia } from '../../domain/errors.ts';
import type { ConversionOptions, SourceFacts } from '../../domain/media.ts';
import { type Cover, coverOf } from './cover-art.ts';
import { parseFfmetadata, type SourceTags } from './ffmetadata.ts';
import { coverArguments, tagsArguments } from './ffmpeg-arguments.ts';
import { type FfmpegReport, unusableMediaIn } from './ffmpeg-report.ts';
import { type FfmpegSetting, failureOf, runToEnd } from './run-ffmpeg.ts';

const MAX_TAGS_BYTES = 1024 * 1024;
/** With everything else it has to fit into a file's head (ports/file-store.ts). */
const MAX_COVER_BYTES = 512 * 1024;

/** What is known of a source before anything of it is converted. */
export interface SourceLook {
  readonly facts: SourceFacts;
  readonly tags: SourceTags;
  /** Where the first packet of the track ends, by the container's clock. */
  readonly firstPacketEndSeconds?: number | undefined;
  readonly cover?: Cover | undefined;
  readonly isCoverTooLarge: boolean;
}

/**
 * Reads a source's index and tags, and the cover if one is wanted; decodes nothing.
 *
 * @throws {UnusableMedia} when it is no media, or has no such sound track
 */
export async function lookAtSource(
  setting: FfmpegSetting,
  { track = 0, cover = false }: ConversionOptions,
): Promise<SourceLook> {
  let firstPacketEndSeconds: number | undefined;
  const onDone = (seconds: number) => {
    firstPacketEndSeconds = seconds;
  };
  const argumentsFor = (url: string) => tagsArguments(url, track);
  const ending = await runToEnd({ ...setting, argumentsFor, onDone }, MAX_TAGS_BYTES);
  const { report, exit, output } = ending;
  const hasTrack = report.audioStreams.length > track;
  const { hasTooManyTracks } = report;
  if (report.container !== undefined && !hasTrack) throw noSuchTrack(report, track);
  if (!hasTrack || hasTooManyTracks || exit.code !== 0) {
    throw unusableMediaIn(report, exit.code) ?? failureOf(ending);
  }
  const picture = cover ? await readCover(setting, report) : undefined;
  return {
    facts: factsOf(report, track),
    firstPacketEndSeconds,
    tags: parseFfmetadata(output.toString('utf8'), report.container),
    cover: picture && picture.length <= MAX_COVER_BYTES ? coverOf(picture) : undefined,
    isCoverTooLarge: picture !== undefined && picture.length > MAX_COVER_BYTES,
  };
}

/** The picture that is attached to the source, if there is one. */
async function readCover(
  setting: FfmpegSetting,
  { coverStream }: FfmpegReport,
): Promise<Buffer | undefined> {
  if (coverStream === undefined) return undefined;
  const argumentsFor = (url: string) => coverArguments(url, coverStream);
  const { output } = await runToEnd({ ...setting, argumentsFor }, MAX_COVER_BYTES + 1);
  return output;
}

function factsOf(report: FfmpegReport, track: number): SourceFacts {
  const stream = report.audioStreams[track];
  return {
    container: report.container,
    durationSeconds: report.durationSeconds,
    audioCodec: stream?.codec,
    bitrateKbps: stream?.bitrateKbps,
    channels: stream?.channels,
    sampleRateHz: stream?.sampleRateHz,
    audioTracks: report.audioStreams.length,
  };
}

function noSuchTrack({ audioStreams }: FfmpegReport, track: number): UnusableMedia {
  const tracks = audioStreams.length;
  if (tracks === 0) return new UnusableMedia('no-audio', 'This file has no sound in it.');
  const found = tracks === 1 ? 'one sound track' : `${tracks} sound tracks`;
  return new UnusableMedia('no-audio', `This file has ${found}, and none with number ${track}.`);
}
