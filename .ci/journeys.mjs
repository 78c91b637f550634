/** The hosts that the journey of a user has to be green on, as its suites name them. */
const HOSTS = ['in process', 'on npm start', 'on real services', 'on a deployed stage'];
const SUITE = /^the journey (.+)$/;

/**
 * The journey's tests, and how each host has done, from reports of vitest.
 *
 * @returns {{ table: string, isGreen: boolean }} green when every test of the suite has passed on every host
 */
export function tabulateJourneys(reports) {
  const runs = new Map(HOSTS.map((host) => [host, new Map()]));
  for (const { testResults } of reports) {
    for (const { ancestorTitles, title, status, duration } of testResults.flatMap(
      ({ assertionResults }) => assertionResults,
    )) {
      const [, host = ''] = SUITE.exec(ancestorTitles[0] ?? '') ?? [];
      runs.get(host)?.set(title, { status, seconds: (duration ?? 0) / 1000 });
    }
  }
  // What every function does by itself is the suite; the other hosts have tests of their own beside it.
  const [suite = new Map()] = runs.values();
  const titles = [...suite.keys()];
  const width = Math.max(...titles.map(({ length }) => length), 0);
  const lines = titles.map((title) => {
    const cells = [...runs.values()].map((run, index) =>
      resultOf(run.get(title)).padStart(HOSTS[index]?.length ?? 0),
    );
    return [title.padEnd(width), ...cells].join('  ');
  });
  const isGreen =
    titles.length > 0 &&
    titles.every((title) => [...runs.values()].every((run) => run.get(title)?.status === 'passed'));
  const heading = ['the journey'.padEnd(width), ...HOSTS].join('  ');
  return { table: [heading, ...lines].join('\n'), isGreen };
}

function resultOf(result) {
  if (result === undefined) return 'missing';
  return result.status === 'passed' ? `${result.seconds.toFixed(1)} s` : result.status;
}
