import type { Plugin } from 'esbuild';
import { buildPage } from '../page/build-page.ts';

/**
 * *gateway* serves the page, whose files are shipped beside its bundle. So whatever bundles *gateway*,
 * for whichever host, has the page built first.
 */
export const pageFiles: Plugin = {
  name: 'page-files',
  setup({ initialOptions: { entryPoints }, onStart }) {
    const isGateway = JSON.stringify(entryPoints).includes('functions/gateway/handler');
    if (isGateway) onStart(async () => void (await buildPage()));
  },
};
