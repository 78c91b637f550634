import { appendFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { declareBrokenBuilds } from './broken-builds.ts';
import { createEnumeration, nameOf, shortOf } from './enumeration.ts';
import type { World } from './world.ts';

/** Everybody dies everywhere, once, and what is built wrongly is found; `CRASH_POINTS=all` leaves none out. */
export async function declareEnumeration(world: World): Promise<void> {
  const enumeration = createEnumeration(world);
  afterAll(() => enumeration.close());
  const all = await enumeration.record();
  const isAll = process.env['CRASH_POINTS'] === 'all';
  for (const trial of all) note({ world: world.name, name: nameOf(trial), side: trial.point.side });

  test.for(isAll ? all : shortOf(all))(
    '$scenario.title › $point.functionName: $point.name, $point.side',
    async (trial) => {
      const { problems, hasDied, outcome } = await enumeration.run(trial.scenario, trial.point);
      expect(problems).toEqual([]);
      expect(hasDied).toBe(true);
      note({ world: world.name, name: nameOf(trial), side: trial.point.side, outcome });
    },
  );
  declareBrokenBuilds(enumeration);
}

/** For the table of docs/reliability.md: scripts/crash-points.ts. */
function note(line: object): void {
  const results = process.env['CRASH_RESULTS'];
  if (results) appendFileSync(results, `${JSON.stringify(line)}\n`);
}
