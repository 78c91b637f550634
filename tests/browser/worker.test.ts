import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, type OpenedPage, openPage, visitQuietly } from '../support/browser.ts';
import { startService } from '../support/running-service.ts';
import { register } from '../support/visitor.ts';

const where = hasBrowser ? 'the worker' : 'the worker (skipped: there is no /usr/bin/chromium)';

describe.skipIf(!hasBrowser)(`${where} of the page`, () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened?.stop());

  /** A visitor whose page the worker controls. */
  async function comeAgain(...refusals: RegExp[]) {
    const visitor = await visitQuietly(opened, ...refusals);
    await visitor.page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await register(visitor.page);
    await visitor.page.reload();
    expect(await visitor.page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true);
    return visitor;
  }

  it('takes what another app shares, and the page uploads it', async () => {
    const { page } = await comeAgain();
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
    // As a system does it for an app: https://w3c.github.io/web-share-target/
    await page.evaluate(`(() => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', action: '/share', enctype: 'multipart/form-data' });
      const input = document.createElement('input');
      Object.assign(input, { type: 'file', name: 'media', multiple: true });
      const files = new DataTransfer();
      files.items.add(new File(['no video'], 'shared by 100 %.mp4', { type: 'video/mp4' }));
      files.items.add(new File(['nor this'], 'another.mp4', { type: 'video/mp4' }));
      input.files = files.files;
      form.append(input);
      document.body.append(form);
      form.submit();
    })()`);
    await page.getByRole('heading', { name: 'shared by 100 %.mp4' }).waitFor();
    await page.getByRole('heading', { name: 'another.mp4' }).waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/');
  });

  it('has the page when the service is away, which says so and goes on when that is back', async () => {
    const { page } = await comeAgain(/net::ERR_CONNECTION/, /404 .*\/status$/);
    const { ports, dataDirectory, stop } = opened.service;
    await stop();
    await page.goto(`${opened.url}/c/0199e0a8-7f1c-7c5e-9d55-3f7c2c3f9a10`);
    await page.getByText('Soundlift cannot be reached.').waitFor();
    const service = await startService({ ports, dataDirectory });
    opened = {
      ...opened,
      service,
      stop: async () => {
        await opened.browser.close();
        await service.stop();
      },
    };
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
  });
});
