/** `npm run screenshots`: what the page looks like, into `docs/images`, from a service of its own. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { made, sample } from '../tests/support/media.ts';
import { startService } from '../tests/support/running-service.ts';
import { CHROMIUM, register } from '../tests/support/visitor.ts';

const FOLDER = 'docs/images';
const PATIENCE = { timeout: 60_000 };

const dataDirectory = await mkdtemp(join(tmpdir(), 'screenshots-'));
await mkdir(FOLDER, { recursive: true });
const service = await startService({ dataDirectory });
const browser = await chromium.launch({ executablePath: CHROMIUM });
try {
  await takeScreenshots(browser, service.url);
} finally {
  await browser.close();
  await service.stop();
  await rm(dataDirectory, { recursive: true, force: true });
}

async function takeScreenshots(browser: Browser, url: string): Promise<void> {
  const context = await browser.newContext({
    locale: 'en-GB',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    viewport: { width: 1120, height: 760 },
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await keep(page, 'sign-in.png');
  await register(page, 'ada@example.org');
  const input = page.locator('.drop-target input[type=file]');
  await input.setInputFiles([await music(), await sample('no-audio')]);
  await page.locator('[data-state=ready]').waitFor(PATIENCE);
  await page.locator('[data-state=failed]').waitFor(PATIENCE);
  // One that takes long enough to be seen on its way.
  await page.locator('summary').click();
  await page.getByText('High', { exact: true }).click();
  await keep(page, 'options.png');
  await page.locator('summary').click();
  await input.setInputFiles(await sample('long-sound'));
  await page.locator('[data-state=ready] .play-button').click();
  await page.locator('.seek').fill('14');
  await page.getByRole('button', { name: /^Pause: / }).click();
  await page.locator('.waveform[width]').waitFor();
  const wellOnTheWay = ['2', '3', '4', '5', '6'].map((tens) => `[aria-valuenow^="${tens}"]`);
  await page.locator(`[data-state=converting] :is(${wellOnTheWay})`).waitFor(PATIENCE);
  await keep(page, 'sounds.png');
  await page.getByRole('button', { name: 'Dark colours' }).click();
  await keep(page, 'sounds-dark.png');
  await page.setViewportSize({ width: 360, height: 760 });
  await page.getByRole('button', { name: 'Русский' }).click();
  await keep(page, 'phone.png');
}

async function keep(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, name) });
  console.log(`${FOLDER}/${name}`);
}

/** Something whose waveform is worth a look. */
async function music(): Promise<string> {
  const swell = '(0.35+0.3*sin(0.9*t)*sin(2.3*t)+0.25*sin(5.1*t))';
  const sound = `aevalsrc='${swell}*(0.4+0.6*random(0))*sin(2*PI*220*t)':d=40:s=44100`;
  const pictures = 'testsrc2=size=320x180:rate=10:duration=40';
  return await made('Rehearsal in the old mill.mp4', [
    ...['-f', 'lavfi', '-i', pictures, '-f', 'lavfi', '-i', sound],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-shortest'],
  ]);
}
