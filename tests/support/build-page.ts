import { buildPage } from '../../scripts/page/build-page.ts';

/** Before the first test, as before every deployment: *gateway* has a page to serve. */
export async function setup(): Promise<void> {
  await buildPage();
}
