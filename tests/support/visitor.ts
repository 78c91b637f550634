import type { Page } from 'playwright-core';

/** Debian's: playwright's own is not in the packages' registries. */
export const CHROMIUM = '/usr/bin/chromium';

export const PASSWORD = 'correct horse battery';

let count = 0;

/** Makes an account by the page’s form. @returns its address, which nobody else has unless it is given */
export async function register(page: Page, email = newAddress()): Promise<string> {
  await page.getByRole('button', { name: /No account yet/ }).click();
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByRole('heading', { name: 'Drop videos here' }).waitFor();
  return email;
}

function newAddress(): string {
  count += 1;
  return `ada${process.pid}-${count}@example.org`;
}

export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

export async function choose(page: Page, ...files: string[]): Promise<void> {
  await page.locator('.drop-target input[type=file]').setInputFiles(files);
}
