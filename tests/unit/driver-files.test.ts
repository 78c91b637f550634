import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { DEPLOYED_AS } from '../support/bundle-function.ts';
import { tempDir } from '../support/temp-dir.ts';

const directory = await tempDir('driver-files');

/** What adapters take of each, and how. */
const ENTRY = `
  import { sql } from 'kysely';
  export const loaded = (async () => ({
    sql,
    MongoClient: (await import('mongodb')).MongoClient,
    createPool: (await import('mysql2')).createPool,
    connect: (await import('amqplib')).connect,
    createTransport: (await import('nodemailer')).createTransport,
    Server: (await import('@tus/server')).Server,
  }))();
`;
const NONE = `
  const unused = () => import('mongodb');
  export const one = 1;
`;
const DRIVERS = ['amqplib', 'kysely', 'mongodb', 'mysql2', 'nodemailer', 'tus-server'];

/** A bundle by the options of serverless.yml, as serverless-esbuild gives them: a folder, and no file. */
async function bundle(name: string, source: string) {
  const entry = join(directory, `${name}.ts`);
  await writeFile(entry, source);
  const { metafile } = await build({
    ...DEPLOYED_AS,
    entryPoints: [entry],
    outdir: join(directory, 'out'),
    outExtension: { '.js': '.cjs' },
    // The entry is outside of the repository, its packages are in it.
    nodePaths: ['node_modules'],
    metafile: true,
  });
  return { path: join(directory, 'out', `${name}.cjs`), metafile };
}

test('what a bundle imports of a driver is what the driver exports', async () => {
  const { path } = await bundle('all', ENTRY);
  const exported = z
    .object({ loaded: z.instanceof(Promise) })
    .parse(createRequire(import.meta.url)(path));
  const loaded = z.record(z.string(), z.unknown()).parse(await exported.loaded);
  const kinds = Object.entries(loaded).map(([name, value]) => [name, typeof value]);
  expect(Object.fromEntries(kinds)).toEqual({
    sql: 'function',
    MongoClient: 'function',
    createPool: 'function',
    connect: 'function',
    createTransport: 'function',
    Server: 'function',
  });
});

test('a driver is in a file of its own, and no part of it in the bundle', async () => {
  const { path, metafile } = await bundle('apart', ENTRY);
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  expect(inputs.map((input) => basename(input))).toEqual(['apart.ts']);
  for (const driver of DRIVERS) {
    await expect(readFile(path.replace('.cjs', `.${driver}.cjs`), 'utf8')).resolves.toContain(
      'module.exports = ',
    );
  }
});

test('a bundle that leaves a driver out has no file of it', async () => {
  const { path } = await bundle('none', NONE);
  expect(await readFile(path, 'utf8')).not.toContain('mongodb');
  await expect(readFile(path.replace('.cjs', '.mongodb.cjs'))).rejects.toThrow('ENOENT');
});
