import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasBrowser,
  holdPart,
  type OpenedPage,
  openPage,
  UPLOADS,
  type Visit,
  visit,
  visitQuietly,
} from '../support/browser.ts';
import { declaredDurationSeconds, sample, writeLongVideo } from '../support/media.ts';
import { tempDir } from '../support/temp-dir.ts';
import { choose, register, signIn } from '../support/visitor.ts';

const where = hasBrowser ? 'the page' : 'the page (skipped: there is no /usr/bin/chromium)';
const PATIENCE = { timeout: 45_000, interval: 100 };

describe.skipIf(!hasBrowser)(where, () => {
  let opened: OpenedPage;
  let longVideo: string;
  beforeAll(async () => {
    opened = await openPage();
    longVideo = join(await tempDir('long-video'), 'concert.mp4');
    await writeLongVideo(longVideo, 3);
  });
  afterAll(() => opened?.stop());

  const come = (...refusals: RegExp[]) => visitQuietly(opened, ...refusals);

  it('takes two videos at once, turns them into sound, plays, seeks, downloads and removes it', async () => {
    const { page } = await come();
    await register(page);
    await choose(page, await sample('tagged'), await sample('mp4-fast-start'));
    await page.getByRole('progressbar', { name: 'Upload: tagged.mp4' }).waitFor();
    await page.getByRole('button', { name: 'Download: fast.mp4' }).waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Play: fast.mp4' }).click();
    const seek = page.getByRole('slider', { name: 'Position: fast.mp4' });
    await expect.poll(async () => Number(await seek.inputValue()), PATIENCE).toBeGreaterThan(0.1);
    await seek.focus();
    await seek.press('End');
    await expect.poll(() => seek.getAttribute('aria-valuetext')).toBe('5 seconds of 5 seconds');
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download: fast.mp4' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('fast.mp3');
    const path = join(await tempDir('download'), 'fast.mp3');
    await download.saveAs(path);
    expect(await declaredDurationSeconds(path)).toBeCloseTo(5, 0);
    await page.getByRole('button', { name: 'Remove: fast.mp4' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => page.getByRole('heading', { name: 'fast.mp4' }).count()).toBe(0);
    await expect
      .poll(() => page.getByRole('status').textContent())
      .toContain('fast.mp4 is removed');
    expect(await page.evaluate('document.activeElement?.id')).toBe('sounds-title');
  });

  it('takes what is dropped anywhere, pasted, or shared to the app', async () => {
    const { page } = await come();
    await register(page);
    const files = await page.evaluateHandle(`(() => {
      const files = new DataTransfer();
      files.items.add(new File(['no video'], 'dropped.mp4', { type: 'video/mp4' }));
      return files;
    })()`);
    await page.dispatchEvent('footer', 'dragenter', { dataTransfer: files });
    await page.getByRole('heading', { name: 'Let go: they will be uploaded' }).waitFor();
    await page.dispatchEvent('footer', 'drop', { dataTransfer: files });
    await page.getByText('This file cannot be read.').waitFor(PATIENCE);
    await page.evaluate(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(['nor this'], 'pasted.mp4', { type: 'video/mp4' }));
      dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
    })()`);
    await page.getByRole('heading', { name: 'pasted.mp4' }).waitFor();
    // As web/sw.ts keeps it.
    await page.evaluate(`caches.open('soundlift-shared').then((cache) =>
      cache.put('/shared/1/shared%20one.mp4', new Response('nor that')))`);
    await page.goto(`${opened.url}/?shared=1`);
    await page.getByRole('heading', { name: 'shared one.mp4' }).waitFor();
    expect(new URL(page.url()).search).toBe('');
  });

  it('says why a file could not be converted, and what to do', async () => {
    const { page } = await come();
    await register(page);
    await choose(page, await sample('text-named-mp4'), await sample('no-audio'));
    await page.getByText('This file cannot be read.').waitFor(PATIENCE);
    await page.getByText('This video has no sound.').waitFor(PATIENCE);
    await expect
      .poll(() => page.getByRole('status').textContent())
      .toContain('The conversion of silent-film.mp4 has failed.');
  });

  it('says that a password is wrong, and leaves the form ready for another try', async () => {
    const { page } = await come(/401 .*\/api\/v1\/auth\/session$/);
    const email = await register(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, email, 'not my password');
    await page.getByRole('main').getByText('The address or the password is wrong.').waitFor();
    expect(await page.evaluate('document.activeElement?.id')).toBe('password');
    await signIn(page, email);
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
  });

  it('goes on with an upload when the line is back', async () => {
    const { page, context } = await come(/ERR_INTERNET_DISCONNECTED/);
    await register(page);
    // The first part arrives, and then there is no line.
    await page.route(UPLOADS, async (route) => {
      if (route.request().method() !== 'PATCH') return await route.continue();
      await route.continue();
      await page.unroute(UPLOADS);
      await context.setOffline(true);
    });
    await choose(page, longVideo);
    await page.getByText('You are offline. It goes on by itself').waitFor();
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Download: concert.mp4' }).waitFor(PATIENCE);
  });

  it('goes on with an upload after the page was loaded anew and the file was chosen again', async () => {
    const { page } = await come();
    await register(page);
    const { held } = await holdPart(page, 3);
    await choose(page, longVideo);
    await held;
    await page.reload();
    await page.getByText('8.4 MB of').waitFor();
    const offsets: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PATCH') offsets.push(request.headers()['upload-offset'] ?? '');
    });
    await page.getByRole('button', { name: 'Choose the file: concert.mp4' }).waitFor();
    await page.locator('.unfinished input[type=file]').setInputFiles(longVideo);
    await page.getByRole('button', { name: 'Download: concert.mp4' }).waitFor(PATIENCE);
    expect(offsets[0]).toBe(String(2 * 4 * 1024 * 1024));
    const { length } = await readFile(longVideo);
    expect(offsets).toHaveLength(Math.ceil(length / (4 * 1024 * 1024)) - 2);
  });

  it('pauses an upload, and goes on with it from where it was', async () => {
    const { page } = await come();
    await register(page);
    const { held } = await holdPart(page, 2);
    await choose(page, longVideo);
    await held;
    await page.getByRole('button', { name: 'Pause: concert.mp4' }).click();
    await page.locator('[data-state=paused]').getByText('Paused').waitFor();
    await page.unroute(UPLOADS);
    const goingOn = page.waitForRequest((request) => request.method() === 'PATCH');
    await page.getByRole('button', { name: 'Go on: concert.mp4' }).click();
    expect((await goingOn).headers()['upload-offset']).toBe(String(4 * 1024 * 1024));
    await page.getByRole('button', { name: 'Download: concert.mp4' }).waitFor(PATIENCE);
  });

  it.each([
    [413, 'quota-exceeded', 'There is no more room for you here.'],
    [429, 'daily-limit-reached', 'These are all that you may convert in one day.'],
  ])(
    'says why an upload is refused (%i %s), and tries again when it is told to',
    async (status, code, says) => {
      const { page } = await come(
        new RegExp(`${status} .*/api/v1/uploads$`),
        new RegExp(`^\\[Uppy\\] .*response code: ${status}`),
      );
      await register(page);
      const refusal = { status, json: { code, detail: 'no' } };
      await page.route('**/api/v1/uploads', (route) => route.fulfill(refusal));
      await choose(page, await sample('tagged'));
      await page.getByText(says).waitFor();
      await page.unroute('**/api/v1/uploads');
      await page.getByRole('button', { name: 'Try again: tagged.mp4' }).click();
      await page.getByRole('button', { name: 'Download: tagged.mp4' }).waitFor(PATIENCE);
    },
  );

  it('goes on with what was too many at once when a conversion has ended', async () => {
    const { page } = await come(/429 .*\/api\/v1\/uploads$/, /^\[Uppy\] .*response code: 429/);
    await register(page);
    const busy = { status: 429, json: { code: 'too-many-conversions', detail: 'wait' } };
    await page.route('**/api/v1/uploads', (route) => route.fulfill(busy));
    await choose(page, await sample('tagged'));
    await page.getByText('There are too many at once').waitFor();
    await page.unroute('**/api/v1/uploads');
    await choose(page, await sample('no-audio'));
    await page.getByRole('button', { name: 'Download: tagged.mp4' }).waitFor(PATIENCE);
  });

  it('keeps what has arrived of an upload when its owner signs out in the middle of it', async () => {
    const { page } = await come();
    const email = await register(page);
    const removals: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'DELETE' && request.url().includes('/uploads/')) {
        removals.push(request.url());
      }
    });
    const { held } = await holdPart(page, 2);
    await choose(page, longVideo);
    await held;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page, email);
    await page.getByText('4.2 MB of').waitFor();
    expect(removals).toEqual([]);
  });

  it('says that the session has ended, and goes on where one was after signing in again', async () => {
    const { page, context } = await come(/401 .*\/api\/v1\//);
    const email = await register(page);
    await context.clearCookies();
    await page.route('**/api/v1/files?*', (route) => route.fulfill({ status: 401, json: {} }));
    await choose(page, await sample('tagged'));
    await page.getByText('Your session has ended. Sign in again').waitFor(PATIENCE);
    await page.unroute('**/api/v1/files?*');
    await signIn(page, email);
    await page.getByRole('button', { name: 'Download: tagged.mp4' }).waitFor(PATIENCE);
  });

  it('says when a part of it cannot be loaded, and has it after it is loaded again', async () => {
    const { page, context } = await visit(opened, { serviceWorkers: 'block' });
    await register(page);
    await page.route('**/assets/uploads-*', (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await page.getByText('A part of this page could not be loaded.').waitFor();
    await page.unroute('**/assets/uploads-*');
    await page.getByRole('button', { name: 'Load the page again' }).click();
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
    await context.close();
  });

  it('stays signed in when it is loaded anew, and signs all tabs out at once', async () => {
    const { page, context } = await come();
    await register(page);
    await page.reload();
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
    const other = await context.newPage();
    await other.goto(opened.url);
    await other.getByRole('heading', { name: 'Drop videos here' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toMatch(/eyJ/);
  });

  it('opens the conversion that an address names', async () => {
    const { page } = await come();
    await register(page);
    await choose(page, await sample('tagged'));
    const answered = page.waitForResponse(
      async (response) =>
        response.url().includes('/api/v1/files?') && (await response.text()).includes('file_id'),
    );
    const { items } = await (await answered).json();
    await page.goto(`${opened.url}/c/${items[0].file_id}`);
    await expect.poll(() => page.locator('h3:focus').allTextContents()).toEqual(['tagged.mp4']);
  });

  it('can be used by keys alone, from signing in to the download', async () => {
    const { page } = await come();
    const email = await register(page);
    await page.getByRole('button', { name: 'Sign out' }).press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await tabTo(page, 'E-mail address');
    await page.keyboard.type(email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('correct horse battery');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
    const choosing = page.waitForEvent('filechooser');
    await tabTo(page, 'Choose files');
    await page.keyboard.press('Enter');
    await (await choosing).setFiles(await sample('tagged'));
    await page.getByRole('button', { name: 'Download: tagged.mp4' }).waitFor(PATIENCE);
    const downloading = page.waitForEvent('download');
    await tabTo(page, 'Download: tagged.mp4');
    await page.keyboard.press('Enter');
    expect((await downloading).suggestedFilename()).toBe('tagged.mp3');
  });
});

const FOCUSED_NAME = `(({ activeElement: node }) =>
  (node.getAttribute('aria-label') ?? node.labels?.[0]?.textContent ?? node.textContent).trim()
)(document)`;

/** Presses Tab until what has the focus is named so. */
async function tabTo(page: Visit['page'], name: string): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(FOCUSED_NAME);
    if (focused === name) return;
  }
  throw new Error(`Tab does not lead to “${name}”`);
}
