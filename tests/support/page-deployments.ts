import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { serve } from './http-host.ts';

/** A service whose page can be replaced by another version of it. */
export interface PageDeployments {
  readonly url: string;
  /** From here on the page is another one: its assets have other names, and those before are gone. */
  deploy(): void;
}

/** Stands before a service until the test has finished. Browsers may keep nothing of what it answers but by the page's own worker. */
export async function pageDeployments(serviceUrl: string): Promise<PageDeployments> {
  let isOther = false;
  const url = await serve((asked, answer) => {
    const path = asked.url ?? '/';
    const isOfPage = path === '/' || path === '/sw.js' || path.startsWith('/assets/');
    const upstream = request(new URL(isOther && isOfPage ? renamed(path) : path, serviceUrl), {
      method: asked.method,
      headers: { ...asked.headers, ...(isOfPage && { 'accept-encoding': 'identity' }) },
    });
    upstream.once('error', () => answer.destroy());
    upstream.once('response', (answered) => {
      if (isOfPage) void passPage(answered, answer, isOther);
      else answered.pipe(answer.writeHead(answered.statusCode ?? 502, answered.headers));
    });
    asked.pipe(upstream);
  });
  return {
    url,
    deploy() {
      isOther = true;
    },
  };
}

async function passPage(
  answered: IncomingMessage,
  answer: ServerResponse,
  isOther: boolean,
): Promise<void> {
  const content = await buffer(answered);
  const { 'content-length': _length, etag: _etag, ...headers } = answered.headers;
  answer.writeHead(answered.statusCode ?? 502, { ...headers, 'cache-control': 'no-store' });
  answer.end(isOther ? renamed(content.toString()) : content);
}

/** The hashes of assets' names, and the version in the worker's, read backwards; twice is once not at all. */
function renamed(text: string): string {
  return text.replace(/(?<=\/[a-z]+-|page-)(?:[A-Z0-9]{8}(?=\.)|[0-9a-f]{16})/g, (hash) =>
    [...hash].reverse().join(''),
  );
}
