import { readFile } from 'node:fs/promises';
import { made, sample } from './media.ts';
import {
  aviWithSubtitles,
  box,
  fullBox,
  id3Tag,
  type MovSound,
  movIndex,
  RATE_HZ,
  u16be,
  u32be,
} from './media-bytes.ts';

/** What no file may get at, whatever it says: a WAV on the disk, and a server. */
interface Canary {
  readonly path: string;
  readonly url: string;
}

type Outcome = 'mp3' | 'unreadable-media' | 'no-audio';

export interface HostileFile {
  readonly content: (canary: Canary) => string | Buffer | Promise<Buffer>;
  /** As what its conversion may end: releases of ffmpeg differ in what they make sense of. */
  readonly ends: readonly Outcome[];
}

const mp3 = (content: HostileFile['content']): HostileFile => ({ content, ends: ['mp3'] });
const unreadable = (content: HostileFile['content']): HostileFile => ({
  content,
  ends: ['unreadable-media'],
});

const playlist = (...lines: string[]): string =>
  ['#EXTM3U', '#EXT-X-TARGETDURATION:5', ...lines, '#EXT-X-ENDLIST', ''].join('\n');

const hls = ({ path, url }: Canary): string =>
  playlist('#EXTINF:5,', `file:${path}`, '#EXTINF:5,', url);

function dash({ path, url }: Canary): string {
  const sets = [`file:${path}`, url].map(
    (base, id) => `<AdaptationSet mimeType="audio/wav">
<Representation id="${id}" bandwidth="1"><BaseURL>${base}</BaseURL></Representation></AdaptationSet>`,
  );
  return `<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S">
<Period>${sets.join('')}</Period></MPD>`;
}

function sdp({ url }: Canary): string {
  const { hostname, port } = new URL(url);
  const session = ['v=0', `o=- 0 0 IN IP4 ${hostname}`, 's=x', `c=IN IP4 ${hostname}`, 't=0 0'];
  return [...session, `m=audio ${port} RTP/AVP 0`, ''].join('\r\n');
}

/** They name other places. */
const REFERENCES = {
  'an HLS playlist of files': unreadable(hls),
  'an HLS playlist of addresses': unreadable(({ url }) => playlist('#EXTINF:5,', url)),
  'an HLS playlist with a key': unreadable(({ path, url }) =>
    playlist(`#EXT-X-KEY:METHOD=AES-128,URI="${url}"`, '#EXTINF:5,', `file:${path}`),
  ),
  'an M3U playlist': unreadable(({ path, url }) => `#EXTM3U\n#EXTINF:5,\n${url}\n${path}\n`),
  'an ffconcat script': unreadable(
    ({ path, url }) => `ffconcat version 1.0\nfile 'file:${path}'\nfile '${url}'\n`,
  ),
  'a DASH manifest': unreadable(dash),
  'an SDP session': unreadable(sdp),
  'a playlist behind an ID3 tag': unreadable((canary) =>
    Buffer.concat([id3Tag('TIT2', 'Sound'), Buffer.from(hls(canary))]),
  ),
  'an MP3 with a playlist in its ID3 tag': mp3(async (canary) =>
    Buffer.concat([id3Tag('TPE1', hls(canary)), await bareMp3()]),
  ),
  'an MP3 with a playlist at its beginning': {
    content: async (canary) => Buffer.concat([Buffer.from(hls(canary)), await bareMp3()]),
    ends: ['mp3', 'unreadable-media'],
  },
  'an AVI with a playlist as its subtitles': mp3(async (canary) =>
    aviWithSubtitles(await secondOfSound(), hls(canary)),
  ),
  'a MOV with its sound in another file': {
    content: ({ path }) => mov({ place: alias(path) }),
    ends: ['no-audio'],
  },
  'a MOV with its sound on a server': {
    content: ({ url }) => mov({ place: fullBox('url ', 0, url, '\0') }),
    ends: ['mp3', 'no-audio'],
  },
} satisfies Record<string, HostileFile>;

/** 10⁹ seconds of nothing, and then the sound. */
const LATE = fullBox(
  'elst',
  1,
  u32be(2),
  ...[u32be(10_267, 0), u32be(0xffff_ffff, 0xffff_ffff), u32be(0x1_0000)],
  ...[u32be(0, RATE_HZ), u32be(0, 0), u32be(0x1_0000)],
);

/** They say that they are more than they are. */
const BOASTS = {
  'a MOV whose samples last for 10⁹ seconds': mp3(() => mov({ ticksPerSample: 10 ** 9 })),
  'a MOV whose sound begins after 10⁹ seconds': mp3(() => mov({ edits: box('edts', LATE) })),
  'a MOV of 2³¹ samples that are not there': mp3(() => mov({ samples: 2 ** 31 })),
  'a MOV of 2³¹ packets that are not there': unreadable(() =>
    mov({ samples: 2 ** 31, coding: 'ac-3' }),
  ),
  'a WAV of 4 GiB that ends after five seconds': mp3(async () => {
    const wav = await readFile(await sample('wav'));
    for (const at of [4, wav.indexOf('data') + 4]) wav.writeUInt32LE(0xffff_ffff, at);
    return wav;
  }),
  'a Matroska stream of no declared length': mp3(() =>
    madeFile('live.mkv', [...tone(2), '-c:a', 'flac', '-f', 'matroska', '-live', '1']),
  ),
  'a Matroska file of 64 tracks': mp3(() => tracks(64, 'mkv')),
  'a Matroska file of 65 tracks': unreadable(() => tracks(65, 'mkv')),
  'an MP4 of 65 tracks': unreadable(() => tracks(65, 'mp4')),
  'a transport stream of 65 tracks': unreadable(() => tracks(65, 'ts')),
  'an MP3 whose ID3 tag would be 256 MB': unreadable(async () =>
    Buffer.concat([Buffer.from('ID3\x03\0\0\x7f\x7f\x7f\x7f'), await bareMp3()]),
  ),
  'the first 30 bytes of an MP3': unreadable(async () => (await bareMp3()).subarray(0, 30)),
} satisfies Record<string, HostileFile>;

export const HOSTILE_FILES: Readonly<Record<string, HostileFile>> = { ...REFERENCES, ...BOASTS };

/** Few bytes that hold very much sound. */
export const SILENCES = {
  'an hour of silence as FLAC': () => madeFile('hour.flac', silence('flac')),
  'an hour of silence as ALAC': () => madeFile('hour.m4a', silence('alac')),
  'an hour of silence as WavPack': () => madeFile('hour.mka', silence('wavpack')),
} satisfies Record<string, () => Promise<Buffer>>;

/** 100,000 of them: every entry of the index, of four bytes, leads to the same second. */
export const MANY_SECONDS = () => mov({}, 100_000);

function silence(codec: string): string[] {
  return ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono:d=3600', '-c:a', codec];
}

function tone(seconds: number): string[] {
  return ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
}

async function madeFile(name: string, by: readonly string[]): Promise<Buffer> {
  return await readFile(await made(name, by));
}

function tracks(count: number, container: string): Promise<Buffer> {
  const maps = Array.from({ length: count }, () => ['-map', '0']).flat();
  return madeFile(`${count}.${container}`, [...tone(3), ...maps, '-c:a', 'ac3']);
}

const bareMp3 = () => madeFile('bare.mp3', [...tone(2), '-id3v2_version', '0']);

async function secondOfSound(): Promise<Buffer> {
  const wav = await readFile(await sample('wav'));
  const start = wav.indexOf('data') + 8;
  return wav.subarray(start, start + 2 * RATE_HZ);
}

async function mov(sound: Omit<MovSound, 'secondsAt'>, seconds = 1): Promise<Buffer> {
  const type = box('ftyp', 'qt  ', u32be(0), 'qt  ');
  const secondsAt = Array<number>(seconds).fill(type.length + 8);
  return Buffer.concat([
    type,
    box('mdat', await secondOfSound()),
    movIndex({ ...sound, secondsAt }),
  ]);
}

/** The Macintosh alias of a file by its whole path, as `mov_read_dref` of libavformat/mov.c reads it. */
function alias(path: string): Buffer {
  const names = Buffer.alloc(130);
  const noLevels = u16be(0xffff, 0xffff);
  const wholePath = [u16be(2, path.length), path, Buffer.alloc(path.length % 2)];
  return fullBox('alis', 0, names, noLevels, Buffer.alloc(16), ...wholePath, u16be(0xffff, 0));
}
