import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'hono';
import { z } from 'zod';
import { Refused } from '../../src/domain/errors.ts';
import type { Api, ApiEnv } from '../../src/http/api.ts';
import { isUnchanged } from './byte-range.ts';

interface PageDeps {
  readonly publicUrl: string;
  readonly streamUrl?: string | undefined;
}

const fileSchema = z.object({
  file: z.string(),
  type: z.string(),
  etag: z.string(),
  immutable: z.boolean(),
  sizes: z.object({ br: z.number().optional(), gzip: z.number().optional() }),
});
const manifestSchema = z.object({ files: z.record(z.string(), fileSchema) });

type PageFile = z.infer<typeof fileSchema>;
type Coding = 'br' | 'gzip' | 'identity';

const SUFFIXES: Record<Coding, string> = { br: '.br', gzip: '.gz', identity: '' };

/** What the manifest has is answered at these, and nothing else is looked for on the disk. */
const PATHS = ['/assets/:file', '/icons/:file', '/manifest.webmanifest', '/robots.txt'];
const WORKER = '/sw.js';

/**
 * The web page: `/`, and `/c/<id>` which is the same one, opened at a conversion. `npm run build:page`
 * makes its files; they are shipped beside the bundle, compressed already.
 */
export function addPage(api: Api, deps: PageDeps): void {
  let manifest: Promise<Record<string, PageFile>> | undefined;
  const files = () => {
    manifest ??= readManifest().catch((error: unknown) => {
      manifest = undefined;
      throw error;
    });
    return manifest;
  };

  for (const path of ['/', '/c/:id']) {
    api.get(path, async (context) => {
      context.header('content-security-policy', contentSecurityPolicy(deps));
      return await answerFile(context, (await files())['/']);
    });
  }
  api.get(WORKER, async (context) => {
    // A worker is bound by the policy of its own script: what it keeps it has to fetch.
    context.header('content-security-policy', "default-src 'none'; connect-src 'self'");
    return await answerFile(context, (await files())[WORKER]);
  });
  for (const path of PATHS) {
    api.get(path, async (context) => answerFile(context, (await files())[context.req.path]));
  }
  // The page's service worker takes what is shared; this answers where there is none, and keeps nothing.
  api.post('/share', (context) => context.redirect('/?shared=1', 303));
}

async function answerFile(
  context: Context<ApiEnv>,
  found: PageFile | undefined,
): Promise<Response> {
  if (found === undefined) throw new Refused('not-found', 'There is nothing at this address.');
  const { file, type, etag, immutable, sizes } = found;
  const coding = codingFor(context.req.header('accept-encoding'), sizes);
  // RFC 9110, section 8.8.3.3: one file in two codings is two representations, with a tag each.
  const tag = `"${etag}${coding === 'identity' ? '' : `-${coding}`}"`;
  context.header('etag', tag);
  context.header('vary', 'accept-encoding');
  context.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (isUnchanged(context.req.header('if-none-match'), tag)) return context.body(null, 304);
  const content = await readFile(join(pageDirectory(), `${file}${SUFFIXES[coding]}`));
  context.header('content-type', type);
  context.header('content-length', String(content.length));
  if (coding !== 'identity') context.header('content-encoding', coding);
  return context.body(new Uint8Array(content));
}

/** RFC 9110, section 12.5.3. `identity` is always acceptable here: there is no other way to answer. */
function codingFor(header: string | undefined, sizes: PageFile['sizes']): Coding {
  const weights = new Map(
    (header ?? '').split(',').map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
      return [name, Number(weight)] as const;
    }),
  );
  const weightOf = (coding: 'br' | 'gzip') =>
    sizes[coding] === undefined ? 0 : (weights.get(coding) ?? weights.get('*') ?? 0);
  const [br, gzip] = [weightOf('br'), weightOf('gzip')];
  if (br > 0 && br >= gzip) return 'br';
  return gzip > 0 ? 'gzip' : 'identity';
}

/**
 * Everything comes from here, and no script or style stands in the HTML. MP3s come by signed links: from
 * the service's address as it is known outside, and large ones from where they are streamed.
 */
function contentSecurityPolicy({ publicUrl, streamUrl }: PageDeps): string {
  const origins = [publicUrl, streamUrl].flatMap((url) => (url ? [new URL(url).origin] : []));
  const audio = [...new Set(origins)].join(' ');
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `media-src 'self' blob: ${audio}`,
    `connect-src 'self' ${audio}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}

async function readManifest(): Promise<Record<string, PageFile>> {
  const text = await readFile(join(pageDirectory(), 'manifest.json'), 'utf8');
  return manifestSchema.parse(JSON.parse(text)).files;
}

/** It is shipped beside the bundle, which on every host is where the process starts. */
function pageDirectory(): string {
  return join(process.cwd(), 'web', 'dist');
}
