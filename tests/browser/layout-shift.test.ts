import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, type OpenedPage, openPage, visit } from '../support/browser.ts';
import { register } from '../support/visitor.ts';

const where = hasBrowser
  ? 'what is on the page'
  : 'what is on the page (skipped: there is no /usr/bin/chromium)';

/** https://web.dev/articles/cls: more than 0.1 is felt. */
const FELT_SHIFT = 0.1;

describe.skipIf(!hasBrowser)(where, () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened?.stop());

  it.each([360, 412, 640, 1200])(
    'does not move when the session is back (%i px)',
    async (width) => {
      const { page, context } = await visit(opened, { viewport: { width, height: 800 } });
      await register(page);
      await page.reload();
      await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
      const shift = await page.evaluate<number>(`new Promise((resolve) => {
      const sum = (list) =>
        list.getEntries().reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0);
      new PerformanceObserver((list) => resolve(sum(list))).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => resolve(0), 1000);
    })`);
      expect(shift).toBeLessThan(FELT_SHIFT);
      await context.close();
    },
  );
});
