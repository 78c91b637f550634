import { basename, extname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { pageFiles } from './page-files.ts';

/** What adapters load when they first need it, and what is large. */
const DRIVERS = [
  '@aws-sdk/client-secrets-manager',
  '@aws-sdk/client-sqs',
  '@aws-sdk/client-ssm',
  '@tus/server',
  'amqplib',
  'kysely',
  'mongodb',
  'mysql2',
  'nodemailer',
];

/**
 * Puts drivers in files of their own, beside the bundle of the function that has them. Node parses a file
 * whole before it runs any of it: in the bundle, a driver would cost every start, and not only those that
 * ask something of it. docs/adr/0032 has what was measured.
 *
 * Their names begin with the bundle's: that is how serverless-esbuild knows the function whose they are.
 */
const driverFiles: Plugin = {
  name: 'driver-files',
  setup({ initialOptions, onResolve, onLoad, onEnd }) {
    initialOptions.metafile = true;
    // `import()` of what is outside of the bundle becomes `require`: Node’s own finds no names in CommonJS
    // that was bundled.
    initialOptions.supported = { ...initialOptions.supported, 'dynamic-import': false };
    const files = new Map(DRIVERS.map((name) => [name, driverFile(initialOptions, name)]));
    onResolve({ filter: new RegExp(`^(?:${DRIVERS.join('|')})$`) }, ({ path }) => {
      return { path: `./${basename(files.get(path) ?? path)}`, external: true };
    });
    const threadFile = driverFile(initialOptions, 'bcrypt-thread');
    onLoad({ filter: /[\\/]bcrypt-worker-file\.ts$/ }, () => ({
      contents: `import { join } from 'node:path';
        export const BCRYPT_WORKER_FILE = join(__dirname, '${basename(threadFile)}');`,
    }));
    onEnd(async ({ metafile }) => {
      // Of what was resolved, the bundle has not all: other functions' adapters were left out of it.
      const imports = Object.values(metafile?.outputs ?? {}).flatMap((output) => output.imports);
      const imported = new Set(imports.map(({ path }) => basename(path)));
      const used = [...files].filter(([, file]) => imported.has(basename(file)));
      await Promise.all(used.map(([name, file]) => bundleDriver(initialOptions, name, file)));
      const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) =>
        Object.keys(output.inputs),
      );
      if (inputs.some((path) => path.endsWith('/bcrypt-worker-file.ts'))) {
        await bundleThread(initialOptions, threadFile);
      }
    });
  },
};

export default [driverFiles, pageFiles];

/** As the bundle is made, but for what concerns the bundle alone. */
async function bundleDriver(options: BuildOptions, name: string, file: string): Promise<void> {
  const { entryPoints: _, outdir: __, plugins: ___, metafile: ____, ...shared } = options;
  await build({
    ...shared,
    stdin: { contents: `module.exports = require('${name}')`, resolveDir: process.cwd() },
    outfile: file,
    logLevel: 'warning',
  });
}

/** The code of a thread: it begins in a file of its own. */
async function bundleThread(options: BuildOptions, file: string): Promise<void> {
  const { entryPoints: _, outdir: __, plugins: ___, metafile: ____, ...shared } = options;
  await build({
    ...shared,
    entryPoints: [resolve('src/adapters/passwords/bcrypt-worker.ts')],
    outfile: file,
    logLevel: 'warning',
  });
}

/** `functions/users/handler.cjs`, `@tus/server` → `functions/users/handler.tus-server.cjs` */
function driverFile({ outfile, outdir, entryPoints }: BuildOptions, driver: string): string {
  const [entry] = Array.isArray(entryPoints) ? entryPoints : [];
  const bundle = outfile ?? join(outdir ?? '', basename(typeof entry === 'string' ? entry : ''));
  const name = driver.replace('@', '').replace('/', '-');
  return `${bundle.slice(0, -extname(bundle).length)}.${name}.cjs`;
}
