/**
 * Measures the page by Lighthouse, in the system's Chromium: `npm run bench -- page`. It says what was
 * reached and fails on none of it: it is a benchmark. Linux only.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { freePort } from '../scripts/start/ports.ts';
import { sample } from '../tests/support/media.ts';
import { startService } from '../tests/support/running-service.ts';
import { CHROMIUM, choose, register } from '../tests/support/visitor.ts';
import { type BenchRun, runBench } from './command.ts';
import { describeMachine } from './convert/machine.ts';
import { table } from './convert/report.ts';
import { median } from './median.ts';
import {
  CATEGORIES,
  type Device,
  installLighthouse,
  type Lighthouse,
  type Report,
} from './page/lighthouse.ts';
import { judged } from './transfer/section.ts';

const AIM = 95;
const DEVICES: readonly Device[] = ['phone', 'desktop'];

const EXPLAINED = `Lighthouse loads the page anew, its cache empty, from \`npm start\`: **signed out**, and **signed in** with a sound
that is ready, one that has failed, and a session that begins by its cookie. The **phone** is Lighthouse's own: a slow
processor and a slow line, both computed from what it observed; the **desktop** a fast one. **Bytes** are those on the
line. Aimed at is ${AIM} of 100 or more in each category.`;

const HEAD = [
  ...['page', 'device', ...CATEGORIES],
  ...['first paint', 'largest paint', 'blocked', 'layout shift', 'bytes'],
];

async function bench({ rounds, signal }: BenchRun): Promise<string> {
  const machine = await describeMachine({});
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-page-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const service = await startService({ dataDirectory: join(directory, 'data') });
  stack.defer(async () => void (await service.stop()));
  const port = await freePort();
  const browser = await chromium.launchPersistentContext(join(directory, 'profile'), {
    executablePath: CHROMIUM,
    args: [`--remote-debugging-port=${port}`],
    locale: 'en-GB',
  });
  stack.defer(() => browser.close());
  const lighthouse = await installLighthouse({ url: service.url, port, signal });

  const signedOut = await measure(lighthouse, rounds);
  await signInWithSounds(await browser.newPage(), service.url);
  const signedIn = await measure(lighthouse, rounds);

  const facts = {
    Lighthouse: lighthouse.version,
    Chromium: browser.browser()?.version() ?? 'unknown',
    rounds: `${rounds}`,
    ...machine,
  };
  return `${[
    '# The page, by Lighthouse',
    'Made by `npm run bench -- page --write`. In each round both devices take their turn; shown are medians.',
    table(['', ''], Object.entries(facts)),
    EXPLAINED,
    table(HEAD, [...rowsOf('signed out', signedOut), ...rowsOf('signed in', signedIn)]),
  ].join('\n\n')}\n`;
}

type Measured = ReadonlyMap<Device, readonly Report[]>;

async function measure(lighthouse: Lighthouse, rounds: number): Promise<Measured> {
  const reports = new Map<Device, Report[]>(DEVICES.map((device) => [device, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [device, ofDevice] of reports) ofDevice.push(await lighthouse.load(device));
  }
  return reports;
}

async function signInWithSounds(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await register(page);
  await choose(page, await sample('covered'), await sample('no-audio'));
  for (const state of ['ready', 'failed']) {
    await page.locator(`[data-state=${state}]`).waitFor({ timeout: 60_000 });
  }
  await page.close();
}

function rowsOf(page: string, measured: Measured): string[][] {
  return [...measured].map(([device, reports]) => {
    const of = (value: (report: Report) => number) => median(reports.map(value)) ?? Number.NaN;
    return [
      page,
      device,
      ...CATEGORIES.map((category) => {
        const score = of(({ scores }) => scores[category]);
        return `${score.toFixed(0)}${judged(score >= AIM)}`;
      }),
      seconds(of(({ firstPaintMs }) => firstPaintMs)),
      seconds(of(({ largestPaintMs }) => largestPaintMs)),
      `${of(({ blockedMs }) => blockedMs).toFixed(0)} ms`,
      of(({ layoutShift }) => layoutShift).toFixed(3),
      `${(of(({ bytes }) => bytes) / 1e3).toFixed(0)} kB`,
    ];
  });
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

await runBench({ name: 'page', shortForm: 'the same', rounds: 5, measure: bench });
