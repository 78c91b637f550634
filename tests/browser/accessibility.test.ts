import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasBrowser,
  holdPart,
  type OpenedPage,
  openPage,
  UPLOADS,
  visit,
} from '../support/browser.ts';
import { sample } from '../support/media.ts';
import { choose, register } from '../support/visitor.ts';

const where = hasBrowser ? 'the page' : 'the page (skipped: there is no /usr/bin/chromium)';

/** What WCAG 2.2 AA asks for, at all sizes that 360 px and a zoom of 200 % (of 1280 px) make of a window. */
const WIDTHS = [1200, 640, 360];
const THEMES = ['light', 'dark'] as const;

describe.skipIf(!hasBrowser)(where, () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened?.stop());

  /** Run by the browser's debugger, which the page's policy does not bind. */
  async function faultsOf(page: Page): Promise<string[]> {
    const found: unknown = await page.evaluate(`axe.run().then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
    const wide = Number(
      await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      ),
    );
    return [...(Array.isArray(found) ? found : []), ...(wide > 0 ? [`${wide} px too wide`] : [])];
  }

  /** All that can be done then is to press this. */
  async function comeAgain(page: Page, button: string): Promise<void> {
    await page.reload();
    await page.getByRole('button', { name: button }).waitFor();
    await page.evaluate(axe.source);
  }

  /** The same state by every theme, language and width, which are changed in place. */
  async function faultsOfAllLooks(page: Page): Promise<string[]> {
    const found: string[] = [];
    for (const language of ['en', 'ru']) {
      // A dialog may be open, which keeps pointers from the rest.
      await page.evaluate(`document.documentElement.lang === '${language}' ||
        document.querySelector('.header [lang]').click()`);
      await page.locator(`html[lang=${language}]`).waitFor();
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 800 });
          const faults = await faultsOf(page);
          found.push(
            ...faults.map((fault) => `${language}, ${colorScheme}, ${width} px: ${fault}`),
          );
        }
      }
    }
    await page.evaluate("document.querySelector('.header [lang]').click()");
    await page.locator('html[lang=en]').waitFor();
    await page.setViewportSize({ width: 1200, height: 800 });
    return found;
  }

  it('has no faults that axe knows, in any state, theme and language, at any width', {
    timeout: 300_000,
  }, async () => {
    const { page, context } = await visit(opened, { serviceWorkers: 'block' });
    await page.evaluate(axe.source);
    const faults = async (state: string) =>
      expect(await faultsOfAllLooks(page), `${state}: faults`).toEqual([]);
    await faults('signed out');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await faults('a form with faults');
    await register(page);
    await faults('nothing uploaded');
    await page.locator('summary').click();
    await page.locator('input[value=fixed]').check();
    await page.locator('#cut-start').fill('x');
    await faults('options with a fault');
    await page.locator('#cut-start').fill('');
    await holdPart(page, 1);
    await choose(page, await sample('tagged'));
    await page.locator('[data-state=sending]').waitFor();
    await faults('uploading');
    await page.getByRole('button', { name: 'Remove: tagged.mp4' }).click();
    await page.locator('[data-state=sending]').waitFor({ state: 'detached' });
    await page.unroute(UPLOADS);
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
    await page.route('**/assets/uploads-*', (route) => route.fulfill({ status: 404 }));
    await comeAgain(page, 'Load the page again');
    await faults('a part is missing');
    await page.route('**/api/**', (route) => route.abort());
    await comeAgain(page, 'Try again');
    await faults('unreachable');
    await context.close();
  });
});
