/**
 * What the owner asked for. Nothing given: variable bitrate, LAME's V2, all of the first sound track
 * as it is.
 */
export interface ConversionOptions {
  /** Constant bitrate in kbit/s, 64–320; instead of `quality`. */
  readonly bitrateKbps?: number | undefined;
  readonly quality?: Quality | undefined;
  /** Mixes the channels into one. */
  readonly mono?: boolean | undefined;
  /** Which of several sound tracks, from 0. */
  readonly track?: number | undefined;
  /** Where the MP3 begins and ends, in seconds of the source; exact to the sample. */
  readonly startSeconds?: number | undefined;
  readonly endSeconds?: number | undefined;
  /** To −16 LUFS with a true peak of at most −1 dBTP (EBU R 128). */
  readonly normalize?: boolean | undefined;
  /** Takes over the source's cover picture. */
  readonly cover?: boolean | undefined;
  /** Tags that take the place of the source's. */
  readonly title?: string | undefined;
  readonly artist?: string | undefined;
  readonly album?: string | undefined;
}

/** `voice`: mono, 64 kbit/s. `standard`: variable, LAME's V2, about 190. `high`: V0, about 245. */
type Quality = (typeof QUALITIES)[number];
export const QUALITIES = ['voice', 'standard', 'high'] as const;

export const BITRATE_MIN_KBPS = 64;
export const BITRATE_MAX_KBPS = 320;

/** What was found in the source, as far as ffmpeg could tell. */
export interface SourceFacts {
  /** ffmpeg's name of the container: `mov,mp4,m4a,3gp,3g2,mj2`, `matroska,webm`. */
  readonly container?: string | undefined;
  /** The length that the container declares; some containers declare none. */
  readonly durationSeconds?: number | undefined;
  readonly audioCodec?: string | undefined;
  /** As the container or the codec says; lossless and some variable ones say nothing. */
  readonly bitrateKbps?: number | undefined;
  /** ffmpeg's name of the layout: `mono`, `stereo`, `5.1(side)`. */
  readonly channels?: string | undefined;
  readonly sampleRateHz?: number | undefined;
  /** How many sound tracks there are. */
  readonly audioTracks?: number | undefined;
}

/** What was done to the sound. */
export type Made =
  /** The source's own MP3 frames, not encoded again. */
  | { readonly how: 'copied' }
  | {
      readonly how: 'encoded';
      /** `V2`, `128 kbit/s`. */
      readonly as: string;
      readonly normalized?: boolean | undefined;
    };

/** Something that the owner should know about an MP3 which is there and plays. */
export type Warning =
  /** It is shorter than the container says it would be. */
  | 'source-ended-early'
  /** The bitrate that was asked for is above the source's: the MP3 is larger, and sounds no better. */
  | 'bitrate-above-source'
  /** The cover picture is too large for an MP3's head, and was left out. */
  | 'cover-too-large';

/** Half-open range of bytes: `start` is read, `end` is not. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}
