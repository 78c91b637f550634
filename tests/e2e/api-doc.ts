import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sample } from '../support/media.ts';
import type { JourneyHost } from './journey.ts';

const DOCUMENT = new URL('../../docs/api.md', import.meta.url);

/** The commands of docs/api.md, to the letter but for the address of the service. */
export function declareApiDocJourney(host: () => JourneyHost): void {
  test('the commands of docs/api.md do what it says', async () => {
    const { url } = host();
    const blocks = (await readFile(DOCUMENT, 'utf8')).matchAll(/```bash\n(.*?)```/gs);
    const commands = [...blocks].map(([, block]) => block).join('');
    expect(commands).toContain('http://localhost:3000');

    const directory = await mkdtemp(join(tmpdir(), 'soundlift-api-doc-'));
    try {
      await copyFile(await sample('mp4-index-at-end'), join(directory, 'holiday.mp4'));
      const script = `set -euo pipefail\n${commands.replaceAll('http://localhost:3000', url)}`;
      await promisify(execFile)('bash', ['-c', script], { cwd: directory, timeout: 60_000 });
      const files = ['beginning.mp3', 'holiday.mp3', 'holiday.mp4'];
      expect((await readdir(directory)).sort()).toEqual(files);
      expect((await stat(join(directory, 'beginning.mp3'))).size).toBe(1024);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
}
