/** `npm run check:aws`: the templates of an AWS account, without one. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Combination, combinations } from './aws/combinations.ts';
import { makeWorkshop, packageStage } from './aws/package-stage.ts';
import { templateProblems } from './aws/template-problems.ts';
import { installPythonTool } from './python/install-tool.ts';
import { startMinistack } from './services/ministack.ts';
import { stopProcesses } from './services/processes.ts';
import { freePort } from './start/ports.ts';

/** The Serverless CLI's own: it names in `DependsOn` what a reference says anyway. */
const LINT_IGNORED = 'W3005';

const run = promisify(execFile);
const OUTPUT = { maxBuffer: 64 * 1024 * 1024 };

/**
 * Packages every combination: the first as it would be deployed, the others for their templates. Two at
 * a time, since one takes a processor.
 */
async function packageAll(directory: string): Promise<ReadonlyMap<string, string>> {
  const ledger = join(directory, 'processes.jsonl');
  const home = { directory, ledger, signal: new AbortController().signal };
  const templates = new Map<string, string>();
  try {
    const emulatorUrl = await startMinistack(home, await freePort());
    const waiting = combinations();
    const work = async (combination: Combination, workshop: string) => {
      const target = join(directory, combination.name);
      const path = await packageStage({ ...combination, workshop, target, emulatorUrl });
      templates.set(combination.name, path);
    };
    const bundle = async (first: Combination) =>
      work(first, await newWorkshop(directory, 'bundles', true));
    const shelve = async (worker: string) => {
      const workshop = await newWorkshop(directory, worker, false);
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await work(next, workshop);
      }
    };
    const [first] = waiting.splice(0, 1);
    if (first === undefined) throw new Error('there is nothing to package');
    await Promise.all([bundle(first).then(() => shelve('second')), shelve('first')]);
    return templates;
  } finally {
    await stopProcesses(ledger);
  }
}

function newWorkshop(directory: string, name: string, withBundles: boolean): Promise<string> {
  return makeWorkshop({ directory: join(directory, `workshop-${name}`), withBundles });
}

/** Runs a program over templates. Resolves with what it found, if anything. */
async function findingsOf(program: string, args: readonly string[]): Promise<string[]> {
  try {
    await run(program, args, OUTPUT);
    return [];
  } catch (error) {
    const { stdout, stderr } = Object(error);
    return [`${program} ${args[0]}:\n${stdout}${stderr}`];
  }
}

async function lint(templates: readonly string[]): Promise<string[]> {
  const requirements = 'tests/aws/cfn-lint.requirements.txt';
  const program = await installPythonTool({ name: 'cfn-lint', requirements });
  const options = ['--regions', 'eu-central-1', '--ignore-checks', LINT_IGNORED];
  return findingsOf(program, [...options, '--', ...templates]);
}

async function scan(templates: readonly string[]): Promise<string[]> {
  const requirements = 'tests/aws/checkov.requirements.txt';
  const program = await installPythonTool({ name: 'checkov', requirements });
  return findingsOf(program, ['--config-file', 'tests/aws/checkov.yml', '--file', ...templates]);
}

async function problemsIn(templates: ReadonlyMap<string, string>): Promise<string[]> {
  const found = await Promise.all(
    [...templates].map(async ([name, path]) => {
      const template: unknown = JSON.parse(await readFile(path, 'utf8'));
      return templateProblems(template).map((problem) => `${name}: ${problem}`);
    }),
  );
  return found.flat();
}

const directory = await mkdtemp(join(tmpdir(), 'soundlift-aws-'));
try {
  const templates = await packageAll(directory);
  const paths = [...templates.values()];
  const problems = [
    ...(await problemsIn(templates)),
    ...(await Promise.all([lint(paths), scan(paths)])).flat(),
  ];
  for (const problem of problems) console.error(problem);
  console.log(
    `${templates.size} combinations of params packaged, ${problems.length} problems: variables and permissions, cfn-lint, checkov`,
  );
  if (problems.length > 0) process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
