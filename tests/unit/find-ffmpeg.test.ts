import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { findFfmpeg } from '../../src/adapters/transcoder/find-ffmpeg.ts';
import { tempDir } from '../support/temp-dir.ts';

const folder = await tempDir('find-ffmpeg');
const places = {
  layerDirectories: [join(folder, 'other-layer'), join(folder, 'ffmpeg-layer')],
  projectDirectory: join(folder, 'project'),
  searchPath: [join(folder, 'nothing'), join(folder, 'system')].join(delimiter),
};

const IN_LAYER = join(folder, 'ffmpeg-layer/bin/ffmpeg');
const IN_PROJECT = join(folder, 'project/layers/ffmpeg/bin/ffmpeg');
const OF_NPM = join(folder, 'project/node_modules/ffmpeg-static/ffmpeg');
const OF_SYSTEM = join(folder, 'system/ffmpeg');

beforeEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, mode = 0o755): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, mode);
}

async function installFfmpegStatic(): Promise<void> {
  await put(OF_NPM);
  await writeFile(join(dirname(OF_NPM), 'index.js'), `module.exports = ${JSON.stringify(OF_NPM)};`);
}

it('takes the first that there is: named, in a layer, built here, from npm, the system’s', async () => {
  expect(findFfmpeg(places)).toBeUndefined();
  await put(OF_SYSTEM);
  expect(findFfmpeg(places)).toBe(OF_SYSTEM);
  await installFfmpegStatic();
  expect(findFfmpeg(places)).toBe(OF_NPM);
  await put(IN_PROJECT);
  expect(findFfmpeg(places)).toBe(IN_PROJECT);
  await put(IN_LAYER);
  expect(findFfmpeg(places)).toBe(IN_LAYER);
  expect(findFfmpeg({ ...places, ffmpegPath: '/named/ffmpeg' })).toBe('/named/ffmpeg');
  expect(findFfmpeg({ ...places, ffmpegPath: '' })).toBe(IN_LAYER);
});

it('passes over an ffmpeg-static whose download never came', async () => {
  await installFfmpegStatic();
  await rm(OF_NPM);
  expect(findFfmpeg(places)).toBeUndefined();
});

it('gives the run bit back to a layer that was unpacked without it', async () => {
  await put(IN_LAYER, 0o644);
  expect(findFfmpeg(places)).toBe(IN_LAYER);
  expect((await stat(IN_LAYER)).mode & 0o111).toBe(0o111);
});

it('passes over a file on the PATH that cannot be run', async () => {
  await put(OF_SYSTEM, 0o644);
  expect(findFfmpeg(places)).toBeUndefined();
  expect((await stat(OF_SYSTEM)).mode & 0o111).toBe(0);
});
