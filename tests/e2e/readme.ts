import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { signedInClient } from '../support/api-client.ts';
import { section } from '../support/markdown.ts';
import { decodedDurationSeconds, sample } from '../support/media.ts';
import type { JourneyHost } from './journey.ts';

/** The commands that documents show, to the letter but for the address of the service. */
export function declareReadmeJourney(host: () => JourneyHost): void {
  test('the commands of the README turn holiday.mp4 into an MP3 of the same length', async () => {
    const commands = await commandsOf('README.md', 'Convert a video');
    await expectMp3(commands.replaceAll('http://localhost:3000', host().url));
  });

  test('so do those of docs/uploading.md, in parts', async () => {
    const { url } = host();
    const { accessToken } = await signedInClient(url, 'curl');
    const commands = await commandsOf('docs/uploading.md', 'With curl');
    expect(commands).toContain('bs=4194304');
    // The sample is small: parts of 4 MiB would be one.
    const inParts = commands.replaceAll('4194304', '20000');
    await expectMp3(inParts.replaceAll('http://localhost:3000', url), { TOKEN: accessToken });
  });
}

async function commandsOf(document: string, heading: string): Promise<string> {
  const text = section(await readFile(document, 'utf8'), heading);
  const commands = /```bash\n(.*?)```/s.exec(text)?.[1] ?? '';
  expect(commands).toContain('http://localhost:3000');
  return commands;
}

/** Runs the commands where there is nothing but holiday.mp4; then there is holiday.mp3, too. */
async function expectMp3(commands: string, environment: Record<string, string> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-readme-'));
  try {
    const video = await sample('mp4-index-at-end');
    await copyFile(video, join(directory, 'holiday.mp4'));
    await promisify(execFile)('bash', ['-c', `set -euo pipefail\n${commands}`], {
      cwd: directory,
      env: { ...process.env, ...environment },
      timeout: 60_000,
    });
    expect((await readdir(directory)).sort()).toEqual(['holiday.mp3', 'holiday.mp4']);
    const lengths = [
      await decodedDurationSeconds(join(directory, 'holiday.mp3')),
      await decodedDurationSeconds(video),
    ];
    expect(lengths[0]).toBeCloseTo(lengths[1] ?? 0, 1);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
