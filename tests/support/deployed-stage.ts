import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort } from '../../scripts/start/ports.ts';
import { type RunningProgram, runProgram, startProgram } from './program.ts';

export interface DeployedStage {
  readonly url: string;
  readonly emulator: RunningProgram;
  /** `npm run deploy:local`, with the event source beside it. */
  readonly deployment: RunningProgram;
  /** Changes the deployed code, not this checkout's; the next deployment has it. */
  change(path: string, from: string, to: string): Promise<void>;
  /** As in another terminal; resolves with what it printed. */
  deploy(): Promise<string>;
  remove(): Promise<string>;
}

/** What a deployment reads, beside what is only linked. */
const SOURCES = ['functions', 'infra', 'plugins', 'scripts', 'src', 'web'];
const FILES = [
  'serverless.yml',
  'package.json',
  'package-lock.json',
  'openapi.json',
  'tsconfig.json',
  '.env.example',
];

/** Starts an emulated cloud and deploys a copy of this checkout to it, as its user does. */
export async function deployStage(
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<DeployedStage> {
  const project = join(directory, 'project');
  for (const name of [...SOURCES, ...FILES]) await copyIfThere(name, join(project, name));
  for (const name of ['node_modules', 'layers']) {
    await symlink(resolve(name), join(project, name));
  }
  const port = await freePort();
  const env = {
    ...settings,
    PORT: String(port),
    DATA_DIR: join(directory, 'data'),
    EMULATOR_URL: `http://127.0.0.1:${await freePort()}`,
  };
  const here = { env };
  const inCopy = { env, cwd: project };
  const emulator = await startProgram({ args: ['scripts/emulator.ts'], ...here }, 'is ready at');
  try {
    const args = ['scripts/deploy-local.ts'];
    const deployment = await startProgram({ args, ...inCopy }, 'Soundlift is ready');
    return {
      url: `http://localhost:${port}`,
      emulator,
      deployment,
      async change(path, from, to) {
        const file = join(project, path);
        const before = await readFile(file, 'utf8');
        if (!before.includes(from)) throw new Error(`${path} has no ${from}`);
        await writeFile(file, before.replace(from, to));
      },
      deploy: () => runProgram({ args, ...inCopy }),
      remove: () => runProgram({ args: ['scripts/remove-local.ts'], ...inCopy }),
    };
  } catch (error) {
    await emulator.stop();
    throw error;
  }
}

async function copyIfThere(name: string, to: string): Promise<void> {
  try {
    await cp(name, to, { recursive: true });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
