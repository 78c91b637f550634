import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, type OpenedPage, openPage, visit, visitQuietly } from '../support/browser.ts';
import { pageDeployments } from '../support/page-deployments.ts';
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

  it('keeps the parts of a page that is open when another one is deployed, until all have left it', async () => {
    const deployments = await pageDeployments(opened.url);
    const { context, page } = await visit({ ...opened, url: deployments.url });
    const kept = () => page.evaluate<string[]>('caches.keys()');
    const script = () => page.locator('script[src]').getAttribute('src');
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    const [before, scriptBefore] = [await kept(), await script()];
    deployments.deploy();
    await page.evaluate('navigator.serviceWorker.ready.then((worker) => worker.update())');
    await expect.poll(kept).not.toEqual(before);
    // Who signs in needs a part that only the page before has.
    await register(page);
    await page.goto(deployments.url);
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
    expect(await script()).not.toBe(scriptBefore);
    // The browser takes the other worker a moment after the last page has been left.
    const keptOnReturn = async () => {
      await page.goto('about:blank');
      await setTimeout(200);
      await page.goto(deployments.url);
      return await kept();
    };
    await expect.poll(keptOnReturn).not.toEqual(expect.arrayContaining(before));
    await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
    await context.close();
  });

  it('has the page when the service is away, which says so and goes on when that is back', {
    timeout: 180_000,
  }, async () => {
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
