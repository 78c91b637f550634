import { useEffect } from 'preact/hooks';
import type { Desk } from '../page/desk.ts';
import { notify } from '../page/notices.tsx';
import { words } from '../words/words.ts';
import { beginUploads } from './drop-zone.tsx';
import { NO_OPTIONS } from './options.ts';

/** Where the service worker puts what another app has shared: web/sw.ts. */
const CACHE = 'soundlift-shared';

/** `/?shared=1`: what was shared to the app is uploaded like what is dropped. */
export function useSharedFiles(desk: Desk): void {
  useEffect(() => {
    if (!new URLSearchParams(location.search).has('shared')) return;
    history.replaceState(null, '', '/');
    void takeSharedFiles()
      .catch(() => [])
      .then((files) => {
        if (files.length === 0) notify(words.value.sharedGone);
        else beginUploads(desk, files, NO_OPTIONS);
      });
  }, [desk]);
}

async function takeSharedFiles(): Promise<File[]> {
  const cache = await caches.open(CACHE);
  const files: File[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const content = await response?.blob();
    const name = decodeURIComponent(new URL(request.url).pathname.split('/').at(-1) ?? '');
    if (content !== undefined) files.push(new File([content], name, { type: content.type }));
    await cache.delete(request);
  }
  return files;
}
