/**
 * Prints how the journey has gone on each host, and `N passed, N failed, N skipped`, from the reports that
 * vitest has written (the arguments). Fails when there is none, when none of its tests ran, or when a host
 * is missing.
 */
import { readFileSync } from 'node:fs';
import { tabulateJourneys } from './journeys.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };
const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
for (const report of reports) {
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests + countBrokenFiles(report);
  total.skipped += report.numPendingTests + report.numTodoTests;
}
const { table, isGreen } = tabulateJourneys(reports);
process.stdout.write(`${table}\n\n`);
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
if (total.failed > 0 || total.passed === 0 || !isGreen) process.exitCode = 1;

/** A file that cannot be loaded, or whose hooks fail, fails without a failed test. */
function countBrokenFiles({ testResults }) {
  return testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length;
}
