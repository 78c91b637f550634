import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConversionOptions } from '../../src/domain/media.ts';
import type { Transcoder } from '../../src/ports/transcoder.ts';
import {
  declaredDurationSeconds,
  decodedDurationSeconds,
  type SampleName,
  sample,
} from '../support/media.ts';
import {
  bytesSource,
  drain,
  failingSource,
  fileSource,
  jobOf,
  silentWav,
  writeMp3,
} from '../support/media-source.ts';
import { memoryInUse } from '../support/memory-in-use.ts';
import { tempDir } from '../support/temp-dir.ts';

const MIB = 1024 * 1024;
const FRAME_SAMPLES = 1_152;

/** The promises of `Transcoder` about sound, and about sources that mean harm. */
export function transcoderSoundContract(name: string, transcoder: Transcoder): void {
  describe(`${name} transcoder's sound`, async () => {
    const folder = await tempDir('mp3');
    const convert = async (sampleName: SampleName, options: ConversionOptions = {}) => {
      const path = join(folder, `${sampleName}-${options.bitrateKbps}.mp3`);
      const source = await fileSource(await sample(sampleName));
      const transcoding = await transcoder.toMp3(jobOf(source, { options }));
      await writeMp3(transcoding, path);
      return { path, ...transcoding.result() };
    };
    describe('length', () => isAsLongAsTheSource(convert));
    describe('cut-off sources', () => warnsOfCutOffSources(convert));
    describe('size', () => doesNotGrowWithTheSource(transcoder));
    describe('hostile sources', () => readsNothingElse(transcoder));
  });
}

type Convert = (
  name: SampleName,
  options?: ConversionOptions,
) => Promise<{ path: string; durationSeconds: number; warnings: readonly string[] }>;

function isAsLongAsTheSource(convert: Convert): void {
  it.each<SampleName>([
    ...(['mp4-index-at-end', 'mp4-fast-start', 'mp4-fragmented', 'mkv-opus', 'webm'] as const),
    ...(['mov-pcm', 'avi', 'mpegts', 'flv', 'wav', 'mp3'] as const),
    ...(['wav-8khz-mono', 'flac-96khz-surround', 'short-sound'] as const),
  ])('keeps the length of %s to one frame', async (name) => {
    const { path, durationSeconds, warnings } = await convert(name);
    const [decoded, expected] = await Promise.all([
      decodedDurationSeconds(path),
      decodedDurationSeconds(await sample(name)),
    ]);
    const frameSeconds = FRAME_SAMPLES / (name === 'wav-8khz-mono' ? 8_000 : 44_100);
    expect(Math.abs(decoded - expected)).toBeLessThanOrEqual(frameSeconds);
    expect(durationSeconds).toBeCloseTo(decoded, 3);
    expect(Math.abs((await declaredDurationSeconds(path)) - decoded)).toBeLessThan(0.2);
    expect(warnings).toEqual([]);
  });

  it.each([64, 128, 320])('writes a constant bitrate of %i kbit/s', async (bitrateKbps) => {
    const { path, durationSeconds } = await convert('wav', { bitrateKbps });
    const { size } = await stat(path);
    expect(size / ((durationSeconds * bitrateKbps * 1_000) / 8)).toBeCloseTo(1, 0);
    expect(await decodedDurationSeconds(path)).toBe(5);
  });
}

function warnsOfCutOffSources(convert: Convert): void {
  it.each<SampleName>(['truncated-fast-start', 'truncated-mkv'])(
    'converts %s as far as it goes, with a warning',
    async (name) => {
      const { path, durationSeconds, warnings } = await convert(name);
      expect(warnings).toEqual(['source-ended-early']);
      expect(durationSeconds).toBeGreaterThan(1);
      expect(await decodedDurationSeconds(path)).toBeCloseTo(durationSeconds, 3);
    },
  );

  it.each([
    ['truncated-index-at-end', 'unreadable-media'],
    ['unknown-codec', 'unreadable-media'],
    ['no-samples', 'no-audio'],
  ] as const)('refuses %s', async (name, code) => {
    await expect(convert(name)).rejects.toMatchObject({ code, retry: 'never' });
  });
}

function doesNotGrowWithTheSource(transcoder: Transcoder): void {
  it('waits for its reader, with little of the source in memory', async () => {
    let readBytes = 0;
    const source = silentWav(2_000 * MIB, (bytes) => {
      readBytes += bytes;
    });
    const before = memoryInUse();
    const { audio } = await transcoder.toMp3(jobOf(source));
    for await (const _ of audio) {
      let readBefore = -1;
      const isAtRest = () => {
        const isSame = readBytes === readBefore;
        readBefore = readBytes;
        return isSame;
      };
      await expect.poll(isAtRest, { interval: 300, timeout: 20_000 }).toBe(true);
      break;
    }
    expect(readBytes).toBeLessThan(128 * MIB);
    expect(memoryInUse() - before).toBeLessThan(16 * MIB);
  });

  it('takes a source that is shorter than it says for a failure of the store', async () => {
    const source = await fileSource(await sample('mkv-opus'));
    const half = failingSource(source, source.sizeBytes / 2, new Error('never seen'));
    const short = {
      ...source,
      async *readRange({ start, end }: { start: number; end: number }) {
        const limit = Math.floor(source.sizeBytes / 2);
        if (start < limit) yield* half.readRange({ start, end: Math.min(end, limit) });
      },
    };
    const convert = async () => drain((await transcoder.toMp3(jobOf(short))).audio);
    await expect(convert()).rejects.toMatchObject({
      code: 'unavailable',
      part: 'files',
    });
  });
}

function readsNothingElse(transcoder: Transcoder): void {
  const refusal = { code: 'unreadable-media', retry: 'never' };

  it.each<SampleName>(['hls-named-mp4', 'ffconcat-named-mp4'])(
    'reads no file that %s names',
    async (name) => {
      const source = await fileSource(await sample(name));
      await expect(transcoder.toMp3(jobOf(source))).rejects.toMatchObject(refusal);
    },
  );

  it('connects to no address that a source names', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const url = `http://127.0.0.1:${port}/sound.wav`;
    const manifests = [
      `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${url}\n#EXT-X-ENDLIST\n`,
      `ffconcat version 1.0\nfile '${url}'\n`,
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
      `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio ${port} RTP/AVP 0\n`,
    ];
    for (const manifest of manifests) {
      const started = transcoder.toMp3(jobOf(bytesSource(manifest)));
      await expect(started).rejects.toMatchObject(refusal);
    }
    expect(connections).toBe(0);
    server.close();
    await once(server, 'close');
  });
}
