import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coverOf } from '../../src/adapters/transcoder/cover-art.ts';
import { ffmpeg } from '../support/media.ts';
import { tempDir } from '../support/temp-dir.ts';

const folder = await tempDir('cover-art');

async function picture(name: string): Promise<Buffer> {
  const path = join(folder, name);
  await ffmpeg(['-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-frames:v', '1', path]);
  return await readFile(path);
}

const jpeg = await picture('cover.jpg');
const png = await picture('cover.png');
const gif = await picture('cover.gif');

describe('a cover', () => {
  it.each([
    ['image/jpeg', jpeg],
    ['image/png', png],
  ])('is known as %s by its bytes', (mime, bytes) => {
    expect(coverOf(bytes)).toEqual({ mime, bytes });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a GIF', gif],
    ['text', Buffer.from('<svg/>')],
    ['a JPEG that is cut off', jpeg.subarray(0, -1)],
    ['half a JPEG', jpeg.subarray(0, jpeg.length / 2)],
    ['the end of a JPEG', jpeg.subarray(1)],
    ['a PNG that is cut off', png.subarray(0, -1)],
    ['a PNG without its end', png.subarray(0, -12)],
    ['the end of a PNG', png.subarray(1)],
    ['a JPEG that ends as a PNG does', Buffer.concat([jpeg, png.subarray(-12)])],
    ['only the marks of a JPEG, one over the other', Buffer.from('ffd8ffd9', 'hex')],
  ])('is not %s', (_, bytes) => {
    expect(coverOf(bytes)).toBeUndefined();
  });

  it('is as large as allowed at most', () => {
    expect(coverOf(jpeg, jpeg.length)).toBeDefined();
    expect(coverOf(jpeg, jpeg.length - 1)).toBeUndefined();
  });
});
