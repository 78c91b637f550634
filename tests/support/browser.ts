import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type RunningService, startService } from './running-service.ts';
import { tempDir } from './temp-dir.ts';
import { CHROMIUM } from './visitor.ts';

/** Whether there is a browser; without one its tests are skipped by name, and fail where all is required. */
export const hasBrowser = existsSync(CHROMIUM) || process.env['REQUIRE_SERVICES'] === '1';

/** The page as its users have it: the whole service, and a browser that looks at it. */
export interface OpenedPage {
  readonly url: string;
  readonly browser: Browser;
  readonly service: RunningService;
  stop(): Promise<void>;
}

export async function openPage(): Promise<OpenedPage> {
  const service = await startService({ dataDirectory: await tempDir('browser') });
  const browser = await chromium.launch({ executablePath: CHROMIUM });
  return {
    url: service.url,
    browser,
    service,
    stop: async () => {
      await browser.close();
      await service.stop();
    },
  };
}

export interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What a browser complains of: errors of scripts, of the policy, of requests. */
  readonly complaints: string[];
}

/** A new visitor, whose browser complains to `complaints` alone. */
export async function visit(
  { url, browser }: OpenedPage,
  options: Parameters<Browser['newContext']>[0] & { readonly path?: string } = {},
): Promise<Visit> {
  const { path = '/', ...given } = options;
  const context = await browser.newContext({ locale: 'en-GB', ...given });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      complaints.push(`${message.text()} ${new URL(message.location().url, url).pathname}`);
    }
  });
  await page.goto(url + path);
  return { context, page, complaints };
}

/**
 * A visit of the test that runs. Its browser must not complain, but of what the test itself brings about.
 *
 * @param refusals what it may say all the same
 */
export async function visitQuietly(opened: OpenedPage, ...refusals: RegExp[]): Promise<Visit> {
  const visitor = await visit(opened);
  onTestFinished(async () => {
    await visitor.context.close();
    const unexpected = visitor.complaints.filter(
      (complaint) => !refusals.some((refusal) => refusal.test(complaint)),
    );
    expect(unexpected).toEqual([]);
  });
  return visitor;
}

/** From here on the first parts of uploads arrive, and this one does not leave the browser. @returns when it wants to */
export async function holdPart(
  page: Page,
  number: number,
): Promise<{ readonly held: Promise<void> }> {
  const held = Promise.withResolvers<void>();
  let parts = 0;
  await page.route(UPLOADS, async (route) => {
    if (route.request().method() !== 'PATCH') return await route.continue();
    parts += 1;
    if (parts === number) held.resolve();
    else await route.continue();
  });
  return { held: held.promise };
}

/** Every address of an upload. */
export const UPLOADS = '**/api/v1/uploads/*';
