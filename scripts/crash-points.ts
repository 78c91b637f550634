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

const resultSchema = z.object({
  world: z.string(),
  name: z.string(),
  side: z.enum(['before', 'after']),
  outcome: z.string(),
});
type Result = z.infer<typeof resultSchema>;

const HELP = `Kills functions at the calls of their ports, and looks at what is left.

  npm run test:fault                       each kind of call once
  npm run test:fault -- --all              every call
  npm run test:fault -- --all --write      and the table of ${DOCUMENT} anew
  npm run test:fault -- --json <file>      vitest's report, too`;

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
    if (code === 0 && options.all && options.write) await writeTable(results);
    return code;
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function runTests(options: Wanted, results: string): Promise<number> {
  const config = ['--config', 'tests/fault/crash/vitest.config.ts', '--root', '.'];
  const report = options.json
    ? ['--reporter=default', '--reporter=json', `--outputFile.json=${options.json}`]
    : [];
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

async function writeTable(path: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean);
  const table = tableOf(lines.map((line) => resultSchema.parse(JSON.parse(line))));
  const document = await readFile(DOCUMENT, 'utf8');
  await writeFile(DOCUMENT, document.replace(MARKERS, `$1\n${table}\n\n$2`));
}

function tableOf(results: readonly Result[]): string {
  const worlds = [...new Set(results.map(({ world }) => world))];
  const columns = worlds.flatMap((world) => [
    { world, side: 'before', head: `killed before (${world})` },
    { world, side: 'after', head: `killed after (${world})` },
  ]);
  const names = [...new Set(results.map(({ name }) => name))];
  const rows = names.map((name) => {
    const cells = columns.map(({ world, side }) => {
      const isThat = (result: Result) =>
        result.name === name && result.world === world && result.side === side;
      return results.find(isThat)?.outcome ?? '–';
    });
    return `| \`${name}\` | ${cells.join(' | ')} |`;
  });
  const heads = ['point', ...columns.map(({ head }) => head)];
  return [`| ${heads.join(' | ')} |`, `|${' --- |'.repeat(heads.length)}`, ...rows].join('\n');
}
