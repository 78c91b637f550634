/**
 * `npm run test:fault`: functions are killed at the calls of their ports, and a checker looks at what is left.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runScript } from './start/run-script.ts';

const DOCUMENT = 'docs/reliability.md';
const MARKERS = /(<!-- crash points -->\n)[\s\S]*(<!-- end of crash points -->)/;

const WORLDS = ['embedded', 'services'];

/** A line of the file that the tests write: a point that is there and, when it was tried, how that ended. */
const resultSchema = z.object({
  world: z.enum(WORLDS),
  name: z.string(),
  side: z.enum(['before', 'after']),
  outcome: z.string().optional(),
});
type Result = z.infer<typeof resultSchema>;

const HELP = `Kills functions at the calls of their ports, and looks at what is left.

  npm run test:fault                       each kind of call once
  npm run test:fault -- --all              every call
  npm run test:fault -- --all --write      and the table of ${DOCUMENT} anew
  npm run test:fault -- --json <file>      vitest's report, too

On embedded stores, and on RabbitMQ and MongoDB where those are:
  node scripts/services.ts run -- npm run test:fault`;

const OPTIONS = {
  all: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  json: { type: 'string' },
} as const;

await runScript({ help: HELP, options: OPTIONS, run });

interface Wanted {
  readonly all: boolean;
  readonly write: boolean;
  readonly json?: string | undefined;
}

async function run(options: Wanted): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-crash-points-'));
  try {
    const results = join(directory, 'results.jsonl');
    await writeFile(results, '');
    const code = await runTests(options, results);
    if (code !== 0) return code;
    const found = await readResults(results);
    if (options.all && options.write) return await writeTable(found);
    return await compareTable(found);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function runTests(options: Wanted, results: string): Promise<number> {
  const config = ['--config', 'tests/fault/crash/vitest.config.ts', '--root', '.'];
  // Each is told when it ends: all of them together take minutes.
  const report = ['--reporter=verbose'];
  if (options.json) report.push('--reporter=json', `--outputFile.json=${options.json}`);
  const child = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...config, ...report],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        CRASH_POINTS: options.all ? 'all' : 'short',
        CRASH_RESULTS: results,
      },
    },
  );
  const [code] = await once(child, 'exit');
  return Number(code ?? 1);
}

async function readResults(path: string): Promise<Result[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean);
  return lines.map((line) => resultSchema.parse(JSON.parse(line)));
}

async function writeTable(results: readonly Result[]): Promise<number> {
  const missing = worldsWithout(results);
  if (missing.length > 0) {
    console.error(`The table is of ${WORLDS.join(' and ')} stores, and these were not there: ${missing}.
Run: node scripts/services.ts run -- npm run test:fault -- --all --write`);
    return 1;
  }
  const document = await readFile(DOCUMENT, 'utf8');
  await writeFile(DOCUMENT, document.replace(MARKERS, `$1\n${tableOf(results)}\n\n$2`));
  return 0;
}

/** The stores that were not there. */
function worldsWithout(results: readonly Result[]) {
  return WORLDS.filter((world) => !results.some((result) => result.world === world));
}

/** The table has a row for each point that is there, and no other. */
async function compareTable(results: readonly Result[]): Promise<number> {
  const [table = ''] = MARKERS.exec(await readFile(DOCUMENT, 'utf8')) ?? [];
  const rows = new Set([...table.matchAll(/^\| `(.+?)` \|/gm)].map(([, name = '']) => name));
  const names = new Set(results.map(({ name }) => name));
  const differences = [
    ...[...names].filter((name) => !rows.has(name)).map((name) => `not in the table: ${name}`),
    // Of the stores that were not there nobody knows.
    ...(worldsWithout(results).length === 0
      ? [...rows].filter((name) => !names.has(name)).map((name) => `only in the table: ${name}`)
      : []),
  ];
  if (differences.length === 0) return 0;
  console.error(`The table of ${DOCUMENT} is not that of these points:
${differences.join('\n')}
Run: node scripts/services.ts run -- npm run test:fault -- --all --write`);
  return 1;
}

function tableOf(results: readonly Result[]): string {
  const columns = WORLDS.flatMap((world) => [
    { world, side: 'before', head: `killed before (${world})` },
    { world, side: 'after', head: `killed after (${world})` },
  ]);
  const names = [...new Set(results.map(({ name }) => name))];
  const rows = names.map((name) => {
    const cells = columns.map(({ world, side }) => {
      const isThat = (result: Result) =>
        result.name === name && result.world === world && result.side === side;
      return results.findLast(isThat)?.outcome ?? '–';
    });
    return `| \`${name}\` | ${cells.join(' | ')} |`;
  });
  const heads = ['point', ...columns.map(({ head }) => head)];
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...rows].join('\n');
}
