import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { decodedDurationSeconds, sample } from '../support/media.ts';
import type { JourneyHost } from './journey.ts';

const README = new URL('../../README.md', import.meta.url);

/** The README's commands, to the letter but for the address of the service. */
export function declareReadmeJourney(host: () => JourneyHost): void {
  test('the commands of the README turn holiday.mp4 into an MP3 of the same length', async () => {
    const { url } = host();
    const readme = await readFile(README, 'utf8');
    const commands = /## Convert a video\n+```bash\n(.*?)```/s.exec(readme)?.[1] ?? '';
    expect(commands).toContain('http://localhost:3000');

    const directory = await mkdtemp(join(tmpdir(), 'soundlift-readme-'));
    try {
      const video = await sample('mp4-index-at-end');
      await copyFile(video, join(directory, 'holiday.mp4'));
      const script = `set -euo pipefail\n${commands.replaceAll('http://localhost:3000', url)}`;
      await promisify(execFile)('bash', ['-c', script], { cwd: directory, timeout: 60_000 });
      expect((await readdir(directory)).sort()).toEqual(['holiday.mp3', 'holiday.mp4']);
      const lengths = [
        await decodedDurationSeconds(join(directory, 'holiday.mp3')),
        await decodedDurationSeconds(video),
      ];
      expect(lengths[0]).toBeCloseTo(lengths[1] ?? 0, 1);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
}
