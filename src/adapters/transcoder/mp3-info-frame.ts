import { Buffer } from 'node:buffer';
import { crc16 } from './crc16.ts';
import { FRAME_HEADER_BYTES, type Mp3FrameHeader, readFrameHeader } from './mp3-frames.ts';

/** Silence that an encoder puts around the sound, and that players cut away. */
export interface SilentGap {
  readonly delaySamples: number;
  readonly paddingSamples: number;
}

/** What is known of an MP3 when it is whole. */
export interface Mp3Info {
  /** The four bytes that its first frame begins with. */
  readonly firstHeader: Uint8Array;
  readonly frames: number;
  readonly sizeBytes: number;
  /** CRC-16 of all of it. */
  readonly crc: number;
  readonly isConstantBitrate: boolean;
  /** Of an MP3 that somebody else has encoded it may not be known. */
  readonly gap: SilentGap | undefined;
  /** 0–100: of V2 LAME writes 78, of V0 98. */
  readonly quality: number;
  readonly seekEntries: (infoFrameBytes: number) => Uint8Array;
}

const ALL_FIELDS = 0x0f;
const HAS_FRAMES = 0x01;
/** Name, flags, frames, bytes, 100 seek entries, quality. */
const XING_BYTES = 4 + 4 + 4 + 4 + 100 + 4;
const LAME_BYTES = 36;
/** Players trust the delay and the padding of encoders that they know by name. */
const ENCODER = 'LAME3.100';
const METHOD_CONSTANT = 1;
/** "vbr-mtrh", which is what libmp3lame's `-q:a` means. */
const METHOD_VARIABLE = 4;

/**
 * A silent frame that goes before an MP3 and describes it: Xing for variable bitrate, Info for
 * constant, with LAME's extension. Its fields, in order: http://gabriel.mp3-tech.org/mp3infotag.html
 */
export function mp3InfoFrame(info: Mp3Info): Uint8Array {
  const { header, headerBytes } = frameWithRoom(info.firstHeader);
  const frame = Buffer.alloc(header.sizeBytes);
  frame.set(headerBytes);
  const xingAt = FRAME_HEADER_BYTES + sideInfoBytes(header);
  frame.write(info.isConstantBitrate ? 'Info' : 'Xing', xingAt, 'latin1');
  frame.writeUInt32BE(ALL_FIELDS, xingAt + 4);
  frame.writeUInt32BE(info.frames, xingAt + 8);
  frame.writeUInt32BE(header.sizeBytes + info.sizeBytes, xingAt + 12);
  frame.set(info.seekEntries(header.sizeBytes), xingAt + 16);
  frame.writeUInt32BE(info.quality, xingAt + XING_BYTES - 4);

  if (info.gap !== undefined) writeLameFields(frame, xingAt + XING_BYTES, info, info.gap);
  return frame;
}

function writeLameFields(frame: Buffer, lameAt: number, info: Mp3Info, gap: SilentGap): void {
  frame.write(ENCODER, lameAt, 'latin1');
  frame.writeUInt8(info.isConstantBitrate ? METHOD_CONSTANT : METHOD_VARIABLE, lameAt + 9);
  const bitrateKbps = readFrameHeader(info.firstHeader)?.bitrateKbps ?? 0;
  frame.writeUInt8(info.isConstantBitrate ? Math.min(255, bitrateKbps) : 0, lameAt + 20);
  frame.writeUIntBE((gap.delaySamples << 12) | gap.paddingSamples, lameAt + 21, 3);
  frame.writeUInt32BE(frame.length + info.sizeBytes, lameAt + 28);
  frame.writeUInt16BE(info.crc, lameAt + 32);
  // As LAME does it: of everything before, which is 190 bytes in stereo at 32 kHz and more.
  frame.writeUInt16BE(crc16(0, frame.subarray(0, lameAt + 34)), lameAt + 34);
}

/** What the frame that describes an MP3 says of it, as far as a copy of the MP3 needs to know. */
export interface DescribedMp3 {
  readonly frames?: number | undefined;
  readonly quality?: number | undefined;
  readonly gap?: SilentGap | undefined;
}

/** Reads such a frame of any encoder; `undefined` when it is an ordinary one. */
export function readInfoFrame(frame: Buffer): DescribedMp3 | undefined {
  const header = readFrameHeader(frame);
  if (header === undefined) return undefined;
  const fields = frame.subarray(FRAME_HEADER_BYTES + sideInfoBytes(header));
  if (fields.length < XING_BYTES + LAME_BYTES || !/^(Xing|Info)/.test(latin1(fields)))
    return undefined;
  const flags = fields.readUInt32BE(4);
  const frames = flags & HAS_FRAMES ? fields.readUInt32BE(8) : undefined;
  // Of a frame without all fields the others stand elsewhere; LAME and ffmpeg write all.
  if ((flags & ALL_FIELDS) !== ALL_FIELDS) return { frames };
  const quality = fields.readUInt32BE(XING_BYTES - 4);
  const lame = fields.subarray(XING_BYTES);
  if (!/^(LAME|Lavc|Lavf)/.test(latin1(lame))) return { frames, quality };
  const gap = lame.readUIntBE(21, 3);
  return { frames, quality, gap: { delaySamples: gap >>> 12, paddingSamples: gap & 0xfff } };
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1', 0, 4);
}

/** The header of a frame like the given one, of the next bitrate at which the fields have room. */
function frameWithRoom(like: Uint8Array): { header: Mp3FrameHeader; headerBytes: Uint8Array } {
  const [sync = 0, kind = 0, rate = 0, mode = 0] = like;
  for (let bitrate = rate >>> 4; bitrate < 15; bitrate++) {
    // Without a checksum (last bit of the second byte) and without a padding byte.
    const headerBytes = Uint8Array.of(sync, kind | 1, (bitrate << 4) | (rate & 0x0c), mode & 0xc0);
    const header = readFrameHeader(headerBytes);
    if (header !== undefined && header.sizeBytes >= neededBytes(header))
      return { header, headerBytes };
  }
  throw new Error('no MP3 frame like this has room for a Xing header');
}

function neededBytes(header: Mp3FrameHeader): number {
  return FRAME_HEADER_BYTES + sideInfoBytes(header) + XING_BYTES + LAME_BYTES;
}

function sideInfoBytes({ isMpeg1, isMono }: Mp3FrameHeader): number {
  if (isMpeg1) return isMono ? 17 : 32;
  return isMono ? 9 : 17;
}
