import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import type { PageFile } from './build-page.ts';

const ENTRY = 'web/main.tsx';
const WORKER = 'web/sw.ts';
const TEMPLATE = 'web/index.html';

/** Where the template is given what has a hash in its name. */
const SLOT = '<!-- assets -->';

const OPTIONS = {
  bundle: true,
  minify: true,
  write: false,
  target: ['es2023', 'safari17'],
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;

/** The page itself (`/`), with its scripts and styles. */
export async function bundlePage(): Promise<{ files: PageFile[]; entry: string[] }> {
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    entryPoints: { page: ENTRY },
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outdir: 'web/dist/assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.svg': 'file', '.woff2': 'file' },
    publicPath: '/assets',
    metafile: true,
  });
  const assets = outputFiles.map(({ path, contents }) => ({
    path: `/assets/${path.split(/[/\\]/).at(-1)}`,
    content: Buffer.from(contents),
    immutable: true,
  }));
  const { script, style, chunks } = firstLoad(metafile);
  const template = await readFile(TEMPLATE, 'utf8');
  if (!template.includes(SLOT)) throw new Error(`${TEMPLATE} has no ${SLOT}`);
  const tags = [
    ...(style ? [`<link rel="stylesheet" href="${style}">`] : []),
    `<script type="module" src="${script}"></script>`,
    ...chunks.map((chunk) => `<link rel="modulepreload" href="${chunk}">`),
  ];
  const html = template.replace(SLOT, tags.join('\n    '));
  const page = { path: '/', content: Buffer.from(html), immutable: false };
  const entry = ['/', script, ...(style ? [style] : []), ...chunks];
  return { files: [page, ...assets], entry };
}

/** What the browser asks for at once: the entry, its styles, and what it imports without `import()`. */
function firstLoad({ outputs }: Metafile) {
  const toPath = (output: string) => output.replace(/^web\/dist/, '');
  const [output, found] = Object.entries(outputs).find(([, o]) => o.entryPoint === ENTRY) ?? [];
  if (output === undefined || found === undefined) throw new Error(`${ENTRY} was not bundled`);
  const chunks = new Set<string>();
  const follow = (name: string) => {
    for (const { path, kind, external } of outputs[name]?.imports ?? []) {
      if (kind !== 'import-statement' || external || chunks.has(path)) continue;
      chunks.add(path);
      follow(path);
    }
  };
  follow(output);
  return {
    script: toPath(output),
    style: found.cssBundle && toPath(found.cssBundle),
    chunks: [...chunks].map(toPath),
  };
}

/** `/sw.js`: it knows the page's files by name, and so is another one whenever the page is. */
export async function bundleWorker(files: readonly PageFile[]): Promise<PageFile> {
  const hash = createHash('sha256');
  for (const { path, content } of files) hash.update(`${path}\n`).update(content);
  const paths = files.filter(({ path, immutable }) => immutable || path === '/');
  const { outputFiles } = await build({
    ...OPTIONS,
    entryPoints: [WORKER],
    format: 'iife',
    define: {
      ...OPTIONS.define,
      PAGE_VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
      PAGE_PATHS: JSON.stringify(paths.map(({ path }) => path)),
    },
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`${WORKER} was not bundled`);
  return { path: '/sw.js', content: Buffer.from(output.contents), immutable: false };
}
