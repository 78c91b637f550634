import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { bundlePage, bundleWorker } from './bundle-page.ts';
import { type PageManifest, type PageSizes, pageManifestSchema } from './page-manifest.ts';

const SOURCES = 'web';
const TARGET = 'web/dist';
const MANIFEST = 'manifest.json';

/** What the page is built from beside `web`: a change of any of it makes another page. */
const BUILDERS = ['scripts/page', 'package-lock.json'];

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** They are compressed already. */
const INCOMPRESSIBLE = new Set(['.png', '.woff2']);

const toBrotli = (content: Buffer) =>
  promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
const toGzip = (content: Buffer) => promisify(gzip)(content, { level: 9 });

/** A file of the page, by the path that it is asked for at. */
export interface PageFile {
  readonly path: string;
  readonly content: Buffer;
  /** Its name has a hash of its content in it. */
  readonly immutable: boolean;
}

export interface BuiltPage {
  readonly manifest: PageManifest;
  readonly isNew: boolean;
}

/**
 * Builds the page into `web/dist`, unless what is there was built from the same sources. Two at a time
 * write the same files, each in one step, and the manifest last: whoever reads finds a whole page.
 */
export async function buildPage(): Promise<BuiltPage> {
  const sources = await hashOfSources();
  const present = await readManifest();
  if (present?.sources === sources) return { manifest: present, isNew: false };

  const page = await bundlePage();
  const files = [...page.files, ...(await publicFiles())];
  const worker = await bundleWorker(files);
  const all = [...files, worker];
  const written = await Promise.all(all.map(writeVariants));
  const manifest = { sources, entry: page.entry, files: Object.fromEntries(written) };
  await writeWhole(MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  await removeOthers(manifest);
  return { manifest, isNew: true };
}

async function readManifest(): Promise<PageManifest | undefined> {
  try {
    return pageManifestSchema.parse(JSON.parse(await readFile(join(TARGET, MANIFEST), 'utf8')));
  } catch {
    // None, or one of another version: the page is built anew.
    return undefined;
  }
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of [SOURCES, ...BUILDERS]) {
    for (const path of await filesBelow(source)) {
      if (path.startsWith(TARGET)) continue;
      hash.update(`${path}\n`).update(await readFile(path));
    }
  }
  return hash.digest('hex');
}

/** Itself, when it is a file. */
async function filesBelow(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  return paths.map((found) => found.replaceAll('\\', '/')).sort();
}

/** Those that are served as they are. */
async function publicFiles(): Promise<PageFile[]> {
  const folder = join(SOURCES, 'public');
  return await Promise.all(
    (await filesBelow(folder)).map(async (file) => ({
      path: `/${relative(folder, file).replaceAll('\\', '/')}`,
      content: await readFile(file),
      immutable: false,
    })),
  );
}

async function writeVariants({ path, content, immutable }: PageFile) {
  const file = path === '/' ? 'index.html' : path.slice(1);
  const extension = extname(file);
  const type = TYPES[extension];
  if (type === undefined) throw new Error(`${path}: add the media type of ${extension} to TYPES`);
  await writeWhole(file, content);
  const sizes: PageSizes = { identity: content.length };
  if (!INCOMPRESSIBLE.has(extension)) {
    const [br, gzipped] = await Promise.all([toBrotli(content), toGzip(content)]);
    await writeWhole(`${file}.br`, br);
    await writeWhole(`${file}.gz`, gzipped);
    Object.assign(sizes, { br: br.length, gzip: gzipped.length });
  }
  const etag = createHash('sha256').update(content).digest('base64url').slice(0, 20);
  return [path, { file, type, etag, immutable, sizes }] as const;
}

async function writeWhole(file: string, content: Buffer): Promise<void> {
  const path = join(TARGET, file);
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, content);
  await rename(draft, path);
}

/** What earlier builds have left. */
async function removeOthers({ files }: PageManifest): Promise<void> {
  const kept = new Set([MANIFEST, ...Object.values(files).map(({ file }) => file)]);
  for (const path of await filesBelow(TARGET)) {
    const file = relative(TARGET, path).replaceAll('\\', '/');
    if (!kept.has(file.replace(/\.(br|gz)$/, ''))) await rm(path, { force: true });
  }
}
