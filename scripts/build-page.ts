/** `npm run build:page`: the web page, from `web` into `web/dist`. Whatever needs it builds it by itself. */
import { buildPage } from './page/build-page.ts';

const startedAt = performance.now();
const { manifest, isNew } = await buildPage();
const sizeOf = (path: string) => {
  const sizes = manifest.files[path]?.sizes;
  return sizes?.br ?? sizes?.identity ?? 0;
};
const firstLoadBytes = manifest.entry.reduce((sum, path) => sum + sizeOf(path), 0);
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  isNew ? `web/dist was built in ${seconds} s.` : 'web/dist is what the sources are already.',
);
console.log(`What the page loads first: ${(firstLoadBytes / 1024).toFixed(1)} KiB, compressed.`);
