import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { composeConverter, loadSettings } from '../../../src/compose.ts';
import { converterConfig } from '../../../src/config.ts';
import { dataDirectory } from '../../start/environment.ts';
import { size } from '../table.ts';
import { asked, type Finding } from './finding.ts';

export async function checkFfmpeg(): Promise<Finding[]> {
  const todo = 'npm run build:layer builds it; or install ffmpeg, or set FFMPEG_PATH.';
  return await asked('ffmpeg', todo, async () => {
    const { transcoder } = await composeConverter(await loadSettings(converterConfig));
    const version = await transcoder.version();
    return { version: version.replace(/ Copyright.*/, '') };
  });
}

const GB = 1_000_000_000;

/** Below this, a large upload may not fit. */
const WARN_BYTES = 2 * GB;
/** Below this, hardly anything does, and SQLite may not write its log. */
const FAIL_BYTES = GB / 10;

/** The disks that this machine writes to: that of its stores, and that of temporary files. */
export async function checkDisk(): Promise<Finding[]> {
  const folders = [dataDirectory(), tmpdir()].filter((folder) => existsSync(folder));
  return await Promise.all(folders.map(diskOf));
}

async function diskOf(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  return diskFinding(folder, bavail * bsize);
}

/** What so much room means. */
export function diskFinding(folder: string, freeBytes: number): Finding {
  const level = freeBytes < FAIL_BYTES ? 'fail' : freeBytes < WARN_BYTES ? 'warn' : 'ok';
  const todo = 'Make room: npm run ops -- orphans shows what nobody needs; lower AUDIO_RETENTION.';
  const finding = { part: 'disk', says: `${size(freeBytes)} free at ${folder}` };
  return level === 'ok' ? { level, ...finding } : { level, ...finding, todo };
}
