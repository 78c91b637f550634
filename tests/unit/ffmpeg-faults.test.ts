import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFfmpegTranscoder } from '../../src/adapters/transcoder/ffmpeg.ts';
import { ffmpegPath as found, sample } from '../support/media.ts';
import { drain, fileSource, jobOf } from '../support/media-source.ts';
import { processTree } from '../support/processes.ts';
import { tempDir } from '../support/temp-dir.ts';

const ffmpegPath = found ?? 'no ffmpeg';
const UNAVAILABLE = { code: 'unavailable', part: 'ffmpeg', retry: 'later' };
/** What only the run that encodes is given. */
const IS_ENCODING = 'case "$*" in *libmp3lame*)';

/** ffmpeg, but for what happens to the run that makes the MP3. */
async function faultyFfmpeg(name: string, whenEncoding: string): Promise<string> {
  const path = join(await folder, name);
  const script = `#!/bin/sh\n${IS_ENCODING} ${whenEncoding};; esac\nexec '${ffmpegPath}' "$@"\n`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

const folder = tempDir('ffmpeg-faults');

async function convert(path: string): Promise<unknown> {
  const transcoder = createFfmpegTranscoder({ ffmpegPath: path, stallTimeoutMs: 2_000 });
  const { audio, result } = await transcoder.toMp3(jobOf(await fileSource(await sample('wav'))));
  await drain(audio);
  return result();
}

describe('an ffmpeg', () => {
  it('that is as it should be makes five seconds of sound', async () => {
    const path = await faultyFfmpeg('whole', ':');
    expect(await convert(path)).toMatchObject({ durationSeconds: 5, warnings: [] });
  });

  it('that hangs is ended, and the conversion is tried again later', async () => {
    const before = await processTree(process.pid);
    const path = await faultyFfmpeg('hanging', 'while :; do /bin/sleep 1; done');
    await expect(convert(path)).rejects.toMatchObject(UNAVAILABLE);
    expect(await processTree(process.pid)).toEqual(before);
  });

  it('that says nothing of it and ends with a part of the MP3 has not made one', async () => {
    const path = await faultyFfmpeg(
      'cutting',
      `'${ffmpegPath}' "$@" | /usr/bin/head -c 20000; exit 0`,
    );
    await expect(convert(path)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('that ends without a word after a part of the MP3 has not made one', async () => {
    const path = await faultyFfmpeg(
      'silent',
      `'${ffmpegPath}' "$@" 2>/dev/null | /usr/bin/head -c 20000; exit 0`,
    );
    await expect(convert(path)).rejects.toMatchObject(UNAVAILABLE);
  });

  it.skipIf(!existsSync('/usr/bin/perl'))(
    'that takes more memory than it may fails, and the conversion is tried again later',
    async () => {
      // With the memory that it asks for it would go on, and make the MP3.
      const asking = `/usr/bin/perl -e '$x = "x" x (2 << 30)' || exit 1`;
      const path = await faultyFfmpeg('greedy', asking);
      await expect(convert(path)).rejects.toMatchObject(UNAVAILABLE);
    },
  );
});
