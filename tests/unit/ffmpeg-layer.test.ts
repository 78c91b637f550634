import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import components from '../../layers/ffmpeg/components.json' with { type: 'json' };
import { tagsArguments } from '../../src/adapters/transcoder/ffmpeg-arguments.ts';
import { ffmpeg, keptFile } from '../support/media.ts';

const MAX_BYTES = 9_000_000;
/** The machines as ELF numbers them. */
const ARCHITECTURES = { x86_64: 62, arm64: 183 } as const;
const OURS = process.arch === 'x64' ? 'x86_64' : process.arch;

/** What a layer's ffmpeg has to have, by the option that lists it. */
const DECLARED = {
  protocols: components.protocols,
  demuxers: [...components.demuxers, ...components.probes],
  decoders: components.decoders,
  bsfs: components.bsfs,
  filters: [...components.filters, ...components.filtersOfFfmpegItself],
  encoders: components.encoders,
  muxers: components.muxers,
};

describe('the arguments for ffmpeg', () => {
  const args = tagsArguments('http://127.0.0.1:1/secret', 0);
  const allowed = (option: string) => args[args.indexOf(option) + 1]?.split(',').toSorted();

  it('allow the containers that the layer is built with', () => {
    const names = components.demuxers.flatMap((demuxer) => demuxer.split(','));
    expect(allowed('-format_whitelist')).toEqual(names.toSorted());
  });

  it('allow the decoders that the layer is built with', () => {
    expect(allowed('-codec_whitelist')).toEqual(components.decoders.toSorted());
  });
});

describe.each(Object.entries(ARCHITECTURES))('the layer for %s', (architecture, elfMachine) => {
  const layer = join('layers/ffmpeg', architecture);
  const program = join(layer, 'bin/ffmpeg');
  const isOurs = process.platform === 'linux' && architecture === OURS;
  if (!existsSync(program)) {
    if (isOurs && process.env['REQUIRE_SERVICES'] === '1') {
      throw new Error('the ffmpeg layer is not built; run npm run build:layer');
    }
    test.skip(`(skipped: not built; run npm run build:layer -- --arch ${architecture})`);
    return;
  }
  describe('as files', () => isSmallAndWhole(layer, elfMachine));
  if (isOurs) describe('as a program', () => canDoWhatIsDeclared(program));
});

function isSmallAndWhole(layer: string, elfMachine: number): void {
  const files = readdirSync(layer, { recursive: true, encoding: 'utf8' })
    .map((name) => join(layer, name))
    .filter((path) => statSync(path).isFile());

  it('is small', () => {
    const sizeBytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
    expect(sizeBytes).toBeLessThan(MAX_BYTES);
  });

  it('needs nothing of the system that it runs on', () => {
    for (const path of files.filter((name) => name.startsWith(join(layer, 'bin')))) {
      const { machine, segments } = readElf(readFileSync(path));
      expect(machine, path).toBe(elfMachine);
      expect(segments, path).not.toContain(PT_INTERP);
    }
  });

  it('says what it was made of', () => {
    const version = readFileSync(join(layer, 'VERSION'), 'utf8');
    const values = (key: string) =>
      [...version.matchAll(new RegExp(`^${key}: (.*)$`, 'gm'))].map(([, value]) => value);
    const sources = readFileSync('layers/ffmpeg/sources.sha256', 'utf8').trimEnd().split('\n');
    expect(values('source')).toEqual(sources);
    expect(values('parsers')).toEqual([components.parsers.join(' ')]);
    expect(values('configure')[0]).toContain('--disable-everything');
    expect(values('recipe')[0]).toMatch(/^[0-9a-f]{16}$/);
  });

  it('may be given to others under the LGPL, whose text is with it', () => {
    const text = (name: string) => readFileSync(join(layer, name), 'utf8');
    expect(text('VERSION')).toMatch(/^license: LGPL version 2\.1 or later$/m);
    expect(text('licenses/ffmpeg.txt')).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
    expect(text('licenses/lame.txt')).toContain('GNU LIBRARY GENERAL PUBLIC LICENSE');
  });
}

/** The segment that names the dynamic linker: a program without it is whole in itself. */
const PT_INTERP = 3;

/** ELF of 64 bits, little-endian: https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html */
function readElf(file: Buffer): { machine: number; segments: number[] } {
  const start = Number(file.readBigUInt64LE(32));
  const sizeBytes = file.readUInt16LE(54);
  const segments = Array.from({ length: file.readUInt16LE(56) }, (_, index) =>
    file.readUInt32LE(start + index * sizeBytes),
  );
  return { machine: file.readUInt16LE(18), segments };
}

function canDoWhatIsDeclared(program: string): void {
  const run = (args: readonly string[], input: Uint8Array | string = '') => {
    const { stdout, stderr } = spawnSync(program, ['-hide_banner', ...args], {
      input,
      encoding: 'utf8',
    });
    return { stdout, stderr };
  };

  it.each(Object.entries(DECLARED))('has the declared %s and no others', (kind, declared) => {
    const listed = new Set(namesIn(run([`-${kind}`]).stdout));
    expect([...listed].toSorted()).toEqual(declared.toSorted());
  });

  it('opens no file by its name', () => {
    for (const name of ['package.json', 'file:package.json']) {
      expect(run(['-f', 'wav', '-i', name]).stderr).toContain('Protocol not found');
    }
  });

  // A stream of MPEG-PS may have no name for its codec. Whatever demuxer fits best names it: without
  // those of video among them, pictures were taken for MP3.
  it('does not take the pictures of MPEG-PS for sound', async () => {
    const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=5'];
    const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=5'];
    const by = [...pictures, ...sound, '-c:v', 'mpeg2video', '-b:v', '2M', '-c:a', 'mp2'];
    const film = await keptFile(by, 'film.mpg', async (path) => void (await ffmpeg([...by, path])));
    const { stderr } = run(['-i', 'pipe:0'], await readFile(film));
    const streams = [...stderr.matchAll(/^ {2}Stream #\S+: (\w+: \w+)/gm)].map(([, kind]) => kind);
    expect(streams.toSorted()).toEqual(['Audio: mp2', 'Video: mpeg2video']);
  });
}

/** The names in a list of ffmpeg's: each after its flags, if it has any, and before its description. */
function namesIn(list: string): string[] {
  const lines = list.matchAll(/^ *(?:[A-Z.]+ +)*([a-z]\w*(?:,\w+)*)(?: |$)/gm);
  return [...lines].map(([, name = '']) => name);
}
