import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { installOnce } from '../../scripts/install-once.ts';

const run = promisify(execFile);

export const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;

export type Device = 'phone' | 'desktop';

/** What one load of the page was like; scores are of 100. */
export interface Report {
  readonly scores: Readonly<Record<(typeof CATEGORIES)[number], number>>;
  readonly firstPaintMs: number;
  readonly largestPaintMs: number;
  /** In which the page did not answer, beyond 50 ms at a time. */
  readonly blockedMs: number;
  readonly layoutShift: number;
  readonly bytes: number;
}

export interface Lighthouse {
  readonly version: string;
  load(device: Device): Promise<Report>;
}

interface LighthouseOptions {
  readonly url: string;
  /** Where the browser is debugged; its cookies are those of the page. */
  readonly port: number;
  readonly signal: AbortSignal;
}

const score = z.object({ score: z.number().transform((of1) => Math.round(of1 * 100)) });
const value = z.object({ numericValue: z.number() });
const reportSchema = z.object({
  categories: z.object({ performance: score, accessibility: score, 'best-practices': score }),
  audits: z.object({
    'first-contentful-paint': value,
    'largest-contentful-paint': value,
    'total-blocking-time': value,
    'cumulative-layout-shift': value,
    'total-byte-weight': value,
  }),
});

/** A busy browser can miss the moment that is measured, and Lighthouse then fails. */
const MAX_ATTEMPTS = 3;
const MAX_REPORT_BYTES = 64 * 1024 ** 2;

/**
 * Lighthouse, at the exact versions of the package-lock.json in tool/, installed once: it is no dependency of
 * Soundlift, and nobody downloads it who does not measure.
 */
export async function installLighthouse(options: LighthouseOptions): Promise<Lighthouse> {
  const { url, port, signal } = options;
  const lock = new URL('tool/package-lock.json', import.meta.url);
  const directory = await installOnce({ name: 'lighthouse', lock, install });
  const folder = join(directory, 'node_modules', 'lighthouse');
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));

  async function loadOnce(device: Device): Promise<Report> {
    const args = [
      ...[join(folder, 'cli', 'index.js'), url, `--port=${port}`],
      ...['--output=json', '--quiet', '--no-enable-error-reporting'],
      `--only-categories=${CATEGORIES.join(',')}`,
      ...(device === 'desktop' ? ['--preset=desktop'] : []),
    ];
    const { stdout } = await run(process.execPath, args, { signal, maxBuffer: MAX_REPORT_BYTES });
    return reportOf(JSON.parse(stdout));
  }

  return {
    version,
    async load(device) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await loadOnce(device);
        } catch (error) {
          if (attempt === MAX_ATTEMPTS || signal.aborted) throw error;
          console.error(`Lighthouse has not seen the page, and tries again: ${error}`);
        }
      }
    },
  };
}

function reportOf(json: unknown): Report {
  const { categories, audits } = reportSchema.parse(json);
  return {
    scores: {
      performance: categories.performance.score,
      accessibility: categories.accessibility.score,
      'best-practices': categories['best-practices'].score,
    },
    firstPaintMs: audits['first-contentful-paint'].numericValue,
    largestPaintMs: audits['largest-contentful-paint'].numericValue,
    blockedMs: audits['total-blocking-time'].numericValue,
    layoutShift: audits['cumulative-layout-shift'].numericValue,
    bytes: audits['total-byte-weight'].numericValue,
  };
}

async function install(directory: string): Promise<void> {
  for (const name of ['package.json', 'package-lock.json']) {
    await cp(new URL(`tool/${name}`, import.meta.url), join(directory, name));
  }
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: directory });
}
