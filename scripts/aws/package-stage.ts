import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SERVERLESS, SERVERLESS_SETTINGS } from '../start/serverless-cli.ts';
import type { Combination } from './combinations.ts';

const TEMPLATE = 'cloudformation-template-update-stack.json';
/** What the Serverless CLI writes beside serverless.yml, and what has no part in a package. */
const LEFT_OUT = ['.git', '.serverless', '.esbuild', 'data'];
/** One takes minutes to build, and the template is the same without: something stands in for it. */
const LAYERS = ['layers/ffmpeg/arm64', 'layers/ffmpeg/x86_64'];

const run = promisify(execFile);

export interface WorkshopOptions {
  readonly directory: string;
  /** Without, a package has no code in it, and takes a fifth of the time; the template is the same. */
  readonly withBundles: boolean;
}

/**
 * A folder that looks like this repository to the Serverless CLI, which writes into `.serverless` beside
 * serverless.yml: two packages at a time want two.
 */
export async function makeWorkshop({ directory, withBundles }: WorkshopOptions): Promise<string> {
  await mkdir(directory, { recursive: true });
  for (const entry of await readdir('.', { withFileTypes: true })) {
    const { name } = entry;
    if (LEFT_OUT.includes(name) || name === 'layers') continue;
    // It takes no serverless.yml that is a link.
    if (entry.isDirectory()) await symlink(resolve(name), join(directory, name));
    else if (entry.isFile()) await copyFile(name, join(directory, name));
  }
  for (const layer of LAYERS) await addLayer(layer, join(directory, layer));
  if (!withBundles) await leaveBundlesOut(join(directory, 'serverless.yml'));
  return directory;
}

async function addLayer(layer: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  if (existsSync(join(layer, 'bin/ffmpeg'))) {
    await symlink(resolve(layer), target);
    return;
  }
  await mkdir(target);
  await writeFile(join(target, 'README'), 'Here is bin/ffmpeg, once it is built.');
}

async function leaveBundlesOut(path: string): Promise<void> {
  const whole = await readFile(path, 'utf8');
  const without = whole
    .replace('  - serverless-esbuild\n', '')
    .replace('package:\n  individually: true\n', 'package:\n  artifact: package.json\n');
  const isLeftOut = !without.includes('- serverless-esbuild') && without.includes('artifact:');
  if (!isLeftOut) throw new Error(`${path} is not as expected: see leaveBundlesOut`);
  await writeFile(path, without);
}

export interface PackageOptions extends Combination {
  readonly workshop: string;
  /** The folder that the package is written into. */
  readonly target: string;
  /** Packaging asks CloudFormation which layer is deployed. */
  readonly emulatorUrl: string;
}

/** Packages stage `prod`, as a deployment would. Resolves with the path of the template. */
export async function packageStage(options: PackageOptions): Promise<string> {
  const { name, params, workshop, target, emulatorUrl } = options;
  const given = Object.entries(params).flatMap(([key, value]) => ['--param', `${key}=${value}`]);
  const args = ['package', '--stage', 'prod', '--package', target, ...given];
  await runServerless(`${name} cannot be packaged`, { args, workshop, emulatorUrl });
  return join(target, TEMPLATE);
}

export interface ServerlessCall {
  readonly args: readonly string[];
  readonly workshop: string;
  readonly emulatorUrl: string;
}

/**
 * Runs the Serverless CLI against an emulated cloud, whatever else the environment says.
 *
 * @returns what it has printed
 * @throws {Error} that begins with `failure` and ends with the CLI's last words
 */
export async function runServerless(failure: string, call: ServerlessCall): Promise<string> {
  const { args, workshop: cwd, emulatorUrl } = call;
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    AWS_ENDPOINT_URL: emulatorUrl,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ...SERVERLESS_SETTINGS,
  };
  try {
    const { stdout, stderr } = await run(process.execPath, [SERVERLESS, ...args], { cwd, env });
    return `${stdout}${stderr}`;
  } catch (cause) {
    const { stderr = '', stdout = '' } = Object(cause);
    // Without the lines that turn while one waits.
    const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => !/ing .*\(\d+s\)/.test(line));
    throw new Error(`${failure}:\n${lines.slice(-30).join('\n')}`, { cause });
  }
}
