import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { parse } from 'yaml';
import { z } from 'zod';
import driverFiles from '../../scripts/bundle/driver-files.ts';

/**
 * What serverless-esbuild is told: options of esbuild, `exclude`, which it hands on as `external`, and
 * options of its own. One that is not known here fails: it may change what is deployed.
 */
const esbuildSchema = z
  .strictObject({
    bundle: z.literal(true),
    format: z.literal('cjs'),
    platform: z.literal('node'),
    target: z.string(),
    sourcemap: z.literal('linked'),
    exclude: z.array(z.string()),
    plugins: z.literal('scripts/bundle/driver-files.ts'),
    keepOutputDirectory: z.boolean(),
    outputWorkFolder: z.string(),
    outputFileExtension: z.string(),
  })
  .transform(({ bundle, format, platform, target, sourcemap, exclude }) => {
    const plugins = driverFiles;
    return { bundle, format, platform, target, sourcemap, external: exclude, plugins };
  });

const service = z
  .object({
    functions: z.record(z.string(), z.object({ handler: z.string() })),
    custom: z.object({ esbuild: esbuildSchema }),
  })
  .parse(parse(readFileSync('serverless.yml', 'utf8')));

/** The options of esbuild that serverless.yml has functions bundled with. */
export const DEPLOYED_AS: BuildOptions = service.custom.esbuild;

/** Every function of serverless.yml. */
export const FUNCTION_NAMES = Object.keys(service.functions);

export interface FunctionBundle {
  readonly path: string;
  /** Beside it, those that it loads lazily. */
  readonly driverPaths: readonly string[];
  /** What the handler is exported as. */
  readonly handlerName: string;
  /** The files that are in it itself, as paths of the repository. */
  readonly inputs: readonly string[];
}

/** Puts a function into one file, as it is deployed. */
export async function bundleFunction(name: string, directory: string): Promise<FunctionBundle> {
  const [entry = '', handlerName = ''] = service.functions[name]?.handler.split('.') ?? [];
  const path = join(directory, `${name}.cjs`);
  const { metafile } = await build({
    ...DEPLOYED_AS,
    entryPoints: [`${entry}.ts`],
    outfile: path,
    metafile: true,
    logLevel: 'warning',
  });
  const driverPaths = (await readdir(directory))
    .filter((file) => file.startsWith(`${name}.`) && /\..*\.cjs$/.test(file))
    .map((file) => join(directory, file));
  return { path, driverPaths, handlerName, inputs: inputsOf(metafile) };
}

/** Without what was looked at and left out. */
function inputsOf({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  );
}
