import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  choose,
  hasBrowser,
  type OpenedPage,
  openPage,
  register,
  visit,
} from '../support/browser.ts';
import { sample } from '../support/media.ts';

const where = hasBrowser ? 'the page' : 'the page (skipped: there is no /usr/bin/chromium)';

/** What WCAG 2.2 AA asks for, at all sizes that 360 px and a zoom of 200 % make of a window. */
const LOOKS = [
  { colorScheme: 'light', width: 1200, language: 'en' },
  { colorScheme: 'dark', width: 1200, language: 'ru' },
  // 200 % of a window of 1280 pixels.
  { colorScheme: 'light', width: 640, language: 'ru' },
  { colorScheme: 'dark', width: 360, language: 'en' },
] as const;

describe.skipIf(!hasBrowser)(where, () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened?.stop());

  /** Run by the browser's debugger, which the page's policy does not bind. */
  async function faultsOf(page: Page): Promise<string[]> {
    await page.evaluate(axe.source);
    const found: unknown = await page.evaluate(`axe.run().then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
    const wide = Number(
      await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      ),
    );
    return [...(Array.isArray(found) ? found : []), ...(wide > 0 ? [`${wide} px too wide`] : [])];
  }

  it.each(LOOKS)(
    'has no faults that axe knows, $colorScheme, $width px, in $language',
    async (look) => {
      const { page, context } = await visit(opened, {
        colorScheme: look.colorScheme,
        reducedMotion: 'reduce',
        viewport: { width: look.width, height: 800 },
      });
      const faults = async (state: string) =>
        expect(await faultsOf(page), `${state}: faults`).toEqual([]);
      await faults('signed out');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await faults('a form with faults');
      await register(page);
      if (look.language === 'ru') await page.getByRole('button', { name: 'Русский' }).click();
      await faults('nothing uploaded');
      await page.locator('summary').click();
      await page.locator('input[value=fixed]').check();
      await page.locator('#cut-start').fill('x');
      await faults('options with a fault');
      await page.locator('#cut-start').fill('');
      await page.route('**/api/v1/uploads/*', (route) => route.abort());
      await choose(page, await sample('tagged'));
      await page.locator('[data-state=sending]').waitFor();
      await faults('uploading');
      await page.unroute('**/api/v1/uploads/*');
      await page.locator('.cards .card').first().getByRole('button').last().click();
      await page.locator('[data-state=sending]').waitFor({ state: 'detached' });
      await choose(page, await sample('mp4-fast-start'), await sample('no-audio'));
      await page.locator('[data-state=ready]').waitFor();
      await page.locator('[data-state=failed]').waitFor();
      await faults('ready and failed');
      await page.locator('.play-button').click();
      await page.locator('[data-state=ready] [aria-expanded=false]').click();
      await page.locator('.seek').waitFor();
      await faults('playing, with details');
      await page.locator('[data-state=failed] .card-actions button').click();
      await faults('asked to remove');
      await context.close();
    },
  );
});
