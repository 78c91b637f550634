import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { hasBrowser, type OpenedPage, openPage, visitQuietly } from '../support/browser.ts';
import { declaredDurationSeconds, sample } from '../support/media.ts';
import { tempDir } from '../support/temp-dir.ts';
import { choose, PASSWORD, register } from '../support/visitor.ts';

const where = hasBrowser ? 'sounds' : 'sounds (skipped: there is no /usr/bin/chromium)';
const PATIENCE = { timeout: 45_000, interval: 100 };
const tokensSchema = z.object({ access_token: z.string() });

describe.skipIf(!hasBrowser)(`${where} on the page`, () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened?.stop());

  /** As somebody who does not use the page. */
  async function uploadByApi(email: string, count: number): Promise<void> {
    const signedIn = await fetch(`${opened.url}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    const { access_token } = tokensSchema.parse(await signedIn.json());
    for (let uploaded = 0; uploaded < count; uploaded += 1) {
      const body = new FormData();
      body.set('video', new File(['no video'], `number ${uploaded}.mp4`));
      const answer = await fetch(`${opened.url}/api/v1/files`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access_token}` },
        body,
      });
      expect(answer.status).toBe(202);
    }
  }

  it('has a link for others, until all links are ended', async () => {
    const { page, context } = await visitQuietly(opened);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await register(page);
    await choose(page, await sample('tagged'));
    await page.getByRole('button', { name: 'Copy link: tagged.mp4' }).click(PATIENCE);
    await page.getByRole('button', { name: 'End all links' }).waitFor();
    const link = await page.evaluate<string>('navigator.clipboard.readText()');
    const answer = await fetch(link, { headers: { range: 'bytes=0-2' } });
    expect(answer.status).toBe(206);
    expect(await answer.text()).toBe('ID3');
    await page.getByRole('button', { name: 'End all links' }).click();
    await expect
      .poll(() => page.getByRole('status').textContent())
      .toContain('All links to it have ended.');
    expect((await fetch(link)).status).toBe(410);
  });

  it('shows twenty, and the rest when it is asked for them', async () => {
    const { page } = await visitQuietly(opened);
    const email = await register(page);
    await uploadByApi(email, 23);
    await page.reload();
    const names = page.locator('.card h3');
    await expect.poll(() => names.count(), PATIENCE).toBe(20);
    expect(await names.first().textContent()).toBe('number 22.mp4');
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(() => names.count()).toBe(23);
    expect(await names.last().textContent()).toBe('number 0.mp4');
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  });

  it('plays, seeks and downloads an MP3 that is more than one answer of Lambda', async () => {
    const { page } = await visitQuietly(opened);
    await register(page);
    await choose(page, await sample('long-sound'));
    await page.getByRole('button', { name: 'Play: long.m4a' }).click(PATIENCE);
    const seek = page.getByRole('slider', { name: 'Position: long.m4a' });
    await expect.poll(async () => Number(await seek.inputValue()), PATIENCE).toBeGreaterThan(0.1);
    const lengthSeconds = Number(await seek.getAttribute('max'));
    await seek.focus();
    await seek.press('End');
    await seek.press('PageDown');
    await expect
      .poll(async () => Number(await seek.inputValue()))
      .toBeGreaterThan(lengthSeconds / 2);
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download: long.m4a' }).click();
    const path = join(await tempDir('download'), 'long.mp3');
    await (await downloading).saveAs(path);
    expect((await stat(path)).size).toBeGreaterThan(4 * 1024 * 1024);
    expect(await declaredDurationSeconds(path)).toBeCloseTo(lengthSeconds, 0);
  });
});
