/**
 * Makes the package, in `dist` or in the folder that is named, for `npm pack <folder>`: Node runs no TypeScript below node_modules, so types
 * are stripped here, and nothing else is changed.
 * https://nodejs.org/api/typescript.html#type-stripping-in-dependencies
 */
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const source = import.meta.dirname;
const target = resolve(process.argv[2] ?? join(source, 'dist'));

await rm(target, { recursive: true, force: true });
const exclude = ['build.ts', 'tests', 'dist', 'node_modules'];
for await (const path of glob('**/*.{ts,cjs,yml}', { cwd: source, exclude })) {
  const text = await readFile(join(source, path), 'utf8');
  await write(path.replace(/\.ts$/, '.js'), path.endsWith('.ts') ? strip(text) : rename(text));
}
// Only types, for who writes a source.
await cp(join(source, 'source.ts'), join(target, 'source.d.ts'));
for (const name of ['README.md', 'LICENSE']) await cp(join(source, name), join(target, name));
const { private: _private, ...manifest } = JSON.parse(
  await readFile(join(source, 'package.json'), 'utf8'),
);
await write('package.json', rename(`${JSON.stringify(manifest, undefined, 2)}\n`));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(target, path)), { recursive: true });
  await writeFile(join(target, path), text);
}

function strip(text: string): string {
  return stripTypeScriptTypes(text).replace(/(from |import\()('\.{1,2}\/[^']+)\.ts'/g, "$1$2.js'");
}

/** Paths of this package within its manifest and its serverless.yml. */
function rename(text: string): string {
  return text.replace(/(\.\/[\w/-]+)\.ts\b/g, '$1.js');
}
