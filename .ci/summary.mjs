/**
 * Prints how the journey has gone on each host, what has failed and why, and `N passed, N failed, N skipped`,
 * from the reports that vitest has written (the arguments). Fails when there is none, when none of its tests
 * ran, or when a host is missing.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { tabulateJourneys } from './journeys.mjs';

const REASON_LINES = 12;

const total = { passed: 0, skipped: 0 };
const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
for (const report of reports) {
  total.passed += report.numPassedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
}
const failures = reports.flatMap(({ testResults }) => testResults.flatMap(failuresOf));
const { table, isGreen } = tabulateJourneys(reports);
process.stdout.write(`${table}\n\n`);
for (const { name, reason } of failures)
  process.stdout.write(`FAILED ${name}\n${shorten(reason)}\n\n`);
process.stdout.write(
  `${total.passed} passed, ${failures.length} failed, ${total.skipped} skipped\n`,
);
if (failures.length > 0 || total.passed === 0 || !isGreen) process.exitCode = 1;

/** A file that cannot be loaded, or whose hooks fail, fails without a failed test. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(process.cwd(), name);
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => ({
      name: `${file} > ${test.fullName}`,
      reason: test.failureMessages.join('\n'),
    }));
  if (tests.length > 0 || status !== 'failed') return tests;
  return [{ name: file, reason: message }];
}

function shorten(reason) {
  const lines = reason.split('\n').filter((line) => !/^\s+at .*node_modules/.test(line));
  return lines
    .slice(0, REASON_LINES)
    .map((line) => `  ${line}`)
    .join('\n');
}
