/** What the owner asked for. Nothing given: variable bitrate, LAME's V2. */
export interface ConversionOptions {
  /** Constant bitrate in kbit/s, 64–320. */
  readonly bitrateKbps?: number | undefined;
}

export const BITRATE_MIN_KBPS = 64;
export const BITRATE_MAX_KBPS = 320;

/** What was found in the source, as far as ffmpeg could tell. */
export interface SourceFacts {
  /** The length that the container declares; some containers declare none. */
  readonly durationSeconds?: number | undefined;
  readonly audioCodec?: string | undefined;
  readonly channels?: string | undefined;
  readonly sampleRateHz?: number | undefined;
}

/** Something that the owner should know about an MP3 which is there and plays. */
export type Warning = 'source-ended-early';

/** Half-open range of bytes: `start` is read, `end` is not. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}
