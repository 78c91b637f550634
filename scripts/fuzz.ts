/**
 * `npm run fuzz`: Schemathesis against the embedded service, by openapi.json. What it checks, and what it
 * does not, is in tests/fuzz/schemathesis.toml.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startService } from '../tests/support/running-service.ts';
import { installSchemathesis } from './fuzz/schemathesis.ts';

const HELP = `Calls every operation of openapi.json with what it allows and with what it does not.

  npm run fuzz                     twice as many cases as CI
  npm run fuzz -- --minutes 60     longer: fuzzing and stateful testing go on until then
  npm run fuzz -- --short          as CI does it: always the same cases
  npm run fuzz -- --seed 7         the cases of that seed again
  npm run fuzz -- --operation uploadVideo`;

/** Fewer are not worth the name, unless they are what was asked for. */
const MIN_CASES = 3_000;
/** A change is judged by what it changes, not by the luck of the draw; the long form looks for new cases. */
const SHORT_SEED = '7';
const ADMIN = 'admin@example.org';

/** Schemathesis' own report: https://schemathesis.readthedocs.io/en/stable/reference/reporting/ */
const reportSchema = z.object({
  operations: z.object({ tested: z.number() }),
  test_cases: z.object({ generated: z.number() }),
  failures: z.array(z.unknown()),
  errors: z.array(z.unknown()),
});

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string' },
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    operation: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (options.help) console.log(HELP);
else process.exitCode = await fuzz();

async function fuzz(): Promise<number> {
  const schemathesis = await installSchemathesis();
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-fuzz-'));
  process.env['ADMIN_EMAILS'] = ADMIN;
  // One account signs in, and uploads, for thousands of cases.
  process.env['SIGN_INS_PER_ACCOUNT'] = '0';
  process.env['QUOTA_CONVERSIONS_PER_DAY'] = '0';
  process.env['QUOTA_CONVERSIONS_AT_ONCE'] = '0';
  const service = await startService({ dataDirectory: directory });
  try {
    const report = join(directory, 'report.json');
    const code = await run(schemathesis, service.url, report);
    return summarise(await readFile(report, 'utf8'), code);
  } finally {
    await service.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function run(schemathesis: string, url: string, report: string): Promise<number> {
  const args = ['--config-file', 'tests/fuzz/schemathesis.toml', 'run', 'openapi.json'];
  // In one thread: of two that parse Python at once CPython 3.11 ends one by a SystemError, its own fault.
  // https://github.com/python/cpython/issues/106905
  args.push('--url', url, '--report-json-path', report, '--no-color', '--workers', '1');
  args.push('--max-examples', options.short ? '260' : '520');
  const seed = options.seed ?? (options.short ? SHORT_SEED : undefined);
  if (seed !== undefined) args.push('--seed', seed);
  if (options.minutes !== undefined) args.push('--max-time', String(Number(options.minutes) * 60));
  // One operation has no links to follow.
  if (options.operation !== undefined)
    args.push('--include-operation-id', options.operation, '--phases', 'examples,coverage,fuzzing');
  const env = { ...process.env, FUZZ_URL: url, FUZZ_ADMIN: ADMIN };
  const child = spawn(schemathesis, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  // It ends first, and says what it has found; then the service is stopped.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Says what was done, in one line, and fails where it was too little. */
function summarise(report: string, code: number): number {
  const {
    test_cases: cases,
    operations,
    failures,
    errors,
  } = reportSchema.parse(JSON.parse(report));
  const isLess = options.operation !== undefined || options.minutes !== undefined;
  const isEnough = isLess || cases.generated >= MIN_CASES;
  console.log(
    `\nfuzz: ${cases.generated} cases for ${operations.tested} operations, ` +
      `${failures.length + errors.length} failures${isEnough ? '' : `; at least ${MIN_CASES} are wanted`}`,
  );
  return isEnough ? code : 1;
}
