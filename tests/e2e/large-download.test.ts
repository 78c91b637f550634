import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peakMemoryBytes } from '../../benches/convert/proc.ts';
import { linkSecret } from '../../scripts/start/link-secret.ts';
import { createSqliteConversionStore } from '../../src/adapters/conversions/sqlite.ts';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import { createHmacLinkSigner } from '../../src/adapters/links/hmac.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { contentOf } from '../support/generated-content.ts';
import { processTree } from '../support/processes.ts';
import { readyConversion } from '../support/ready-conversion.ts';
import { type RunningService, startService } from '../support/running-service.ts';
import { tempDir } from '../support/temp-dir.ts';

const MIB = 1024 * 1024;
const SMALL_BYTES = 32 * MIB;
const LARGE_BYTES = 200 * MIB;
/** Beside what a small download takes: buffers, and what the garbage collector has not come to. */
const FLAT_BYTES = 64 * MIB;

describe('an MP3 of 200 MiB on npm start', () => {
  let service: RunningService;
  let directory: string;
  beforeAll(async () => {
    directory = await tempDir('large-download');
    service = await startService({ dataDirectory: join(directory, 'data') });
  });
  afterAll(() => service?.stop());

  /** The link that a mail would have to an MP3 of this size. */
  async function linkTo(sizeBytes: number): Promise<string> {
    const files = createDiskFileStore({ directory: join(service.dataDirectory, 'files') });
    const path = join(service.dataDirectory, 'conversions.sqlite');
    const conversions = createSqliteConversionStore({ path });
    const mp3 = contentOf(0, sizeBytes);
    const conversionId = await readyConversion({ files, conversions, clock: systemClock }, { mp3 });
    await Promise.all([files.dispose(), conversions.dispose()]);
    const links = createHmacLinkSigner({ secret: linkSecret(service.dataDirectory) });
    const expiresAt = new Date(Date.now() + 3_600_000);
    const key = links.sign({ purpose: 'download', conversionId, expiresAt, generation: 0 });
    return `${service.url}/api/v1/links/${conversionId}?key=${key}`;
  }

  async function download(url: string, ...options: string[]): Promise<string> {
    const path = join(directory, 'audio.mp3');
    await promisify(execFile)('curl', ['-sSfL', ...options, '-o', path, url]);
    const digest = await sha256(createReadStream(path));
    await rm(path);
    return digest;
  }

  /** The most that every process of the service has taken so far, by its pid. */
  async function peaks(): Promise<Map<number, number>> {
    const pids = await processTree(service.pid);
    return new Map(pids.map((pid) => [pid, peakMemoryBytes(pid)]));
  }

  test('comes whole by curl -L and by ranges, at flat memory of every process', async () => {
    const [small, large] = [await linkTo(SMALL_BYTES), await linkTo(LARGE_BYTES)];
    for (let times = 0; times < 3; times += 1) {
      expect(await download(small)).toBe(await sha256(contentOf(0, SMALL_BYTES)));
    }
    const before = await peaks();
    expect(before.size).toBeGreaterThan(2);
    expect(await download(large)).toBe(await sha256(contentOf(0, LARGE_BYTES)));
    expect(await download(large, '-r', '100-')).toBe(await sha256(contentOf(100, LARGE_BYTES)));
    const after = await peaks();
    for (const [pid, peakBytes] of before) {
      const more = (after.get(pid) ?? 0) - peakBytes;
      expect(more, readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')).toBeLessThan(
        FLAT_BYTES,
      );
    }
  });
});

async function sha256(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of content) hash.update(piece);
  return hash.digest('hex');
}
