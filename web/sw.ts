/// <reference lib="webworker" />

/** Both are written in by scripts/page/bundle-page.ts: another page is another worker. */
declare const PAGE_VERSION: string;
declare const PAGE_PATHS: readonly string[];
declare const self: ServiceWorkerGlobalScope;

const PAGE_CACHE = `page-${PAGE_VERSION}`;

/** What was shared to the page and not yet taken: web/uploads/shared-files.ts reads and empties it. */
const SHARED_CACHE = 'soundlift-shared';

self.addEventListener('install', (event) => {
  event.waitUntil(keepPage());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(forgetOlderPages());
});

/**
 * The page comes from the service, and from the cache when that cannot be reached; its assets, which
 * never change, from the cache. All else, the API above all, is the browser's own affair.
 */
self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (origin !== self.location.origin) return;
  if (method === 'POST' && pathname === '/share') return event.respondWith(takeShared(event));
  if (method !== 'GET') return;
  if (pathname.startsWith('/assets/')) return event.respondWith(fromCacheFirst(event.request));
  const isPage = pathname === '/' || pathname.startsWith('/c/');
  if (mode === 'navigate' && isPage) event.respondWith(fromServiceFirst(event.request));
});

/**
 * It then waits until every page that the worker before it serves has been left: they may still ask for
 * parts that the service has no more.
 */
async function keepPage(): Promise<void> {
  const cache = await caches.open(PAGE_CACHE);
  await cache.addAll(PAGE_PATHS);
}

async function forgetOlderPages(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith('page-') && name !== PAGE_CACHE);
  await Promise.all(older.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function fromCacheFirst(request: Request): Promise<Response> {
  const cache = await caches.open(PAGE_CACHE);
  return (await cache.match(request)) ?? (await fetch(request));
}

async function fromServiceFirst(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const cache = await caches.open(PAGE_CACHE);
    const page = await cache.match('/');
    if (page === undefined) throw error;
    return page;
  }
}

/** https://w3c.github.io/web-share-target/#launching-the-web-share-target: a POST with the files. */
async function takeShared({ request }: FetchEvent): Promise<Response> {
  const form = await request.formData();
  const cache = await caches.open(SHARED_CACHE);
  for (const file of form.getAll('media')) {
    if (typeof file === 'string') continue;
    // Its name is the last part of its address.
    const address = `/shared/${crypto.randomUUID()}/${encodeURIComponent(file.name)}`;
    await cache.put(address, new Response(file, { headers: { 'content-type': file.type } }));
  }
  return Response.redirect('/?shared=1', 303);
}

export {};
