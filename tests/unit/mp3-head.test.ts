import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc16 } from '../../src/adapters/transcoder/crc16.ts';
import { readFrameHeader, watchFrames } from '../../src/adapters/transcoder/mp3-frames.ts';
import { createMp3Head } from '../../src/adapters/transcoder/mp3-head.ts';
import { decodedSound, ffmpeg } from '../support/media.ts';
import { tempDir } from '../support/temp-dir.ts';

const folder = await tempDir('mp3-head');

/** Joint stereo, 44.1 kHz, MPEG-1 Layer III, by bitrate index: 9 is 128 kbit/s in 417 bytes. */
const header = (bitrate: number) => Uint8Array.of(0xff, 0xfb, bitrate << 4, 0x40);

function frame(bitrate: number): Uint8Array {
  const bytes = new Uint8Array(readFrameHeader(header(bitrate))?.sizeBytes ?? 0).fill(0x55);
  bytes.set(header(bitrate));
  return bytes;
}

const stream = (bitrates: readonly number[]) => Buffer.concat(bitrates.map(frame));

/** The fields of the frame that a head ends with. */
function parse(head: Uint8Array) {
  const bytes = Buffer.from(head);
  const name = bytes.includes('Xing') ? 'Xing' : 'Info';
  const xingAt = bytes.indexOf(name);
  const frameAt = bytes.lastIndexOf(0xff, xingAt);
  const lameAt = xingAt + 120;
  const delayAndPadding = bytes.readUIntBE(lameAt + 21, 3);
  return {
    name,
    frameAt,
    frame: bytes.subarray(frameAt),
    frames: bytes.readUInt32BE(xingAt + 8),
    bytes: bytes.readUInt32BE(xingAt + 12),
    seekEntries: [...bytes.subarray(xingAt + 16, xingAt + 116)],
    encoder: bytes.toString('latin1', lameAt, lameAt + 9),
    method: bytes.readUInt8(lameAt + 9),
    bitrateKbps: bytes.readUInt8(lameAt + 20),
    delay: delayAndPadding >>> 12,
    padding: delayAndPadding & 0xfff,
    musicBytes: bytes.readUInt32BE(lameAt + 28),
    musicCrc: bytes.readUInt16BE(lameAt + 32),
    crcAt: lameAt + 34,
    crc: bytes.readUInt16BE(lameAt + 34),
    crcExpected: crc16(0, bytes.subarray(frameAt, lameAt + 34)),
  };
}

function headOf(mp3: Uint8Array, encodedSamples?: number) {
  const head = createMp3Head({ chapters: [] });
  head.add(mp3);
  const end = head.end({ encodedSamples });
  return { ...end, head: head.complete() };
}

describe('frame headers', () => {
  it.each([
    [[0xff, 0xfb, 0x90, 0x40], 417, 1_152, 44_100, false],
    [[0xff, 0xfb, 0x92, 0x40], 418, 1_152, 44_100, false],
    [[0xff, 0xfb, 0xe4, 0xc0], 960, 1_152, 48_000, true],
    [[0xff, 0xf3, 0x84, 0x40], 192, 576, 24_000, false],
    [[0xff, 0xe3, 0x88, 0xc0], 576, 576, 8_000, true],
  ])('%j are read', (bytes, sizeBytes, samples, sampleRateHz, isMono) => {
    const expected = { sizeBytes, samples, sampleRateHz, isMono };
    expect(readFrameHeader(Uint8Array.from(bytes))).toMatchObject(expected);
  });

  it.each([
    ['text', [0x49, 0x44, 0x33, 0x03]],
    ['Layer II', [0xff, 0xfd, 0x90, 0x40]],
    ['a reserved version', [0xff, 0xeb, 0x90, 0x40]],
    ['a reserved rate', [0xff, 0xfb, 0x9c, 0x40]],
    ['a free bitrate', [0xff, 0xfb, 0x00, 0x40]],
    ['a bad bitrate', [0xff, 0xfb, 0xf0, 0x40]],
    ['nothing', []],
  ])('are not: %s', (_, bytes) => {
    expect(readFrameHeader(Uint8Array.from(bytes))).toBeUndefined();
  });

  it('are found wherever the stream is cut', () => {
    const mp3 = stream([1, 9, 5]);
    for (let cut = 0; cut <= mp3.length; cut++) {
      const bitrates: number[] = [];
      const add = watchFrames((found) => bitrates.push(found.bitrateKbps));
      add(mp3.subarray(0, cut));
      add(mp3.subarray(cut));
      expect(bitrates).toEqual([32, 128, 64]);
    }
    const bitrates: number[] = [];
    const add = watchFrames((found) => bitrates.push(found.bitrateKbps));
    for (const byte of mp3) add(Uint8Array.of(byte));
    expect(bitrates).toEqual([32, 128, 64]);
  });

  it('are missed when the stream is not MP3', () => {
    const add = watchFrames(() => {});
    expect(() => add(Buffer.from('this is no frame'))).toThrow('ffmpeg cannot be reached');
  });
});

describe('the head of an MP3', () => {
  const mp3 = stream([...Array(50).fill(9), ...Array(50).fill(14)]);
  const samples = 100 * 1_152 - 1_105 - 700;

  it('is of a size that is known before, and ends with a frame', () => {
    const { head } = headOf(mp3, samples);
    expect(head).toHaveLength(createMp3Head({ chapters: [] }).sizeBytes);
    expect([...head.subarray(0, 5)]).toEqual([...Buffer.from('ID3'), 3, 0]);
    const tagBytes = [...head.subarray(6, 10)].reduce((size, seven) => size * 128 + seven, 0);
    const { frameAt, frame } = parse(head);
    expect(10 + tagBytes).toBe(frameAt);
    expect(readFrameHeader(frame)?.sizeBytes).toBe(frame.length);
  });

  it('counts frames and bytes, with checksums of both parts', () => {
    const info = parse(headOf(mp3, samples).head);
    const bytes = info.frame.length + mp3.length;
    expect(info).toMatchObject({ name: 'Xing', frames: 100, bytes, musicBytes: bytes, method: 4 });
    expect(info.musicCrc).toBe(crc16(0, mp3));
    expect(info.crc).toBe(info.crcExpected);
    expect(crc16(0, Buffer.from('123456789'))).toBe(0xbb3d);
  });

  it('says how much silence the encoder added', () => {
    const { head, durationSeconds } = headOf(mp3, samples);
    expect(parse(head)).toMatchObject({ encoder: 'LAME3.100', delay: 576, padding: 700 + 529 });
    expect(durationSeconds).toBe(samples / 44_100);
  });

  it.each([undefined, 0, 100 * 1_152, Number.NaN])(
    'is right to a frame when %s is the number of samples',
    (impossible) => {
      const { durationSeconds } = headOf(mp3, impossible);
      expect(Math.abs(durationSeconds - samples / 44_100)).toBeLessThan(1_152 / 44_100);
    },
  );

  it('calls itself Info at a constant bitrate, and names it', () => {
    const { head } = headOf(stream(Array(10).fill(14)), 10_000);
    expect(parse(head)).toMatchObject({ name: 'Info', method: 1, bitrateKbps: 255 });
    expect(parse(headOf(stream(Array(10).fill(9)), 10_000).head)).toMatchObject({
      bitrateKbps: 128,
    });
  });

  it('points to where each percent of the time begins', () => {
    const { seekEntries, bytes, frame } = parse(headOf(mp3, samples).head);
    expect(seekEntries).toEqual(seekEntries.toSorted((a, b) => a - b));
    expect(seekEntries[0]).toBe(0);
    expect(seekEntries[50]).toBe(Math.floor((256 * (frame.length + 50 * 417)) / bytes));
  });

  it('points as well in an MP3 of hours', () => {
    const head = createMp3Head({ chapters: [] });
    const piece = stream(Array(1_000).fill(9));
    for (let times = 0; times < 300; times++) head.add(piece);
    head.end({ encodedSamples: undefined });
    const { seekEntries, frames } = parse(head.complete());
    expect(frames).toBe(300_000);
    seekEntries.forEach((entry, percent) => {
      expect(Math.abs(entry - percent * 2.56)).toBeLessThanOrEqual(2);
    });
  });

  it('cannot be had before the end, nor of nothing', () => {
    expect(() => createMp3Head({ chapters: [] }).complete()).toThrow('has not ended');
    expect(() => createMp3Head({ chapters: [] }).end({ encodedSamples: 0 })).toThrow('no frame');
  });

  it.each([
    ['variable', ['-q:a', '2']],
    ['constant', ['-b:a', '128k']],
    ['mono, half the rate', ['-q:a', '2', '-ar', '22050', '-ac', '1']],
    ['a quarter of the rate', ['-b:a', '64k', '-ar', '11025']],
  ])('agrees with the one that ffmpeg writes into a file: %s', async (name, options) => {
    const path = join(folder, `${name}.mp3`);
    const noise = ['-f', 'lavfi', '-i', 'anoisesrc=duration=3:color=pink', '-ac', '2'];
    await ffmpeg([...noise, ...options, '-id3v2_version', '0', path]);
    const { samples } = await decodedSound(path);
    const whole = await readFile(path);
    const theirFrame = whole.subarray(0, readFrameHeader(whole)?.sizeBytes);
    const theirs = parse(theirFrame);
    const ours = parse(headOf(whole.subarray(theirFrame.length), samples).head);
    const { frames, delay, padding, musicCrc } = theirs;
    expect(ours).toMatchObject({ name: theirs.name, frames, delay, padding, musicCrc });
    expect(ours.bytes - ours.frame.length).toBe(theirs.bytes - theirFrame.length);
    // With less side information ffmpeg still takes 190 bytes; LAME takes all that come before.
    if (ours.frameAt + 190 === ours.crcAt) expect(theirs.crc).toBe(theirs.crcExpected);
    ours.seekEntries.forEach((entry, percent) => {
      expect(Math.abs(entry - (theirs.seekEntries[percent] ?? 0))).toBeLessThanOrEqual(6);
    });
  });
});
