import { expect, test } from 'vitest';
import type { BuildName } from './builds.ts';
import type { CrashPoint } from './drive.ts';
import type { createEnumeration } from './enumeration.ts';
import { SCENARIOS } from './scenarios.ts';

/** Which build breaks which promise when who dies where. */
const BROKEN: readonly [BuildName, CrashPoint, string][] = [
  [
    'answers before the record is stored',
    { functionName: 'gateway', name: 'conversions.create queued #1', side: 'before' },
    'an answered upload has no record',
  ],
  [
    'acknowledges before the work is done',
    { functionName: 'converter', name: 'conversions.find #1', side: 'before' },
    'after two minutes the record is queued',
  ],
  [
    'claims without a lease that ends',
    { functionName: 'converter', name: 'files.put mp3s, first piece #1', side: 'after' },
    'the record is converting, not ready',
  ],
  [
    'clears the outbox before it publishes',
    { functionName: 'converter', name: 'queue.publish audio.ready #1', side: 'before' },
    'after two minutes the owner has not heard',
  ],
  [
    'notes the mail before it is sent',
    { functionName: 'notifier', name: 'mailer.send #1', side: 'before' },
    'the owner has not heard',
  ],
  [
    'keeps what a dead attempt has stored',
    { functionName: 'converter', name: 'files.put mp3s, first piece #1', side: 'after' },
    'an MP3 is left behind',
  ],
  [
    'says ready before the MP3 is stored',
    { functionName: 'converter', name: 'files.put mp3s #1', side: 'before' },
    'the MP3 is not there whole',
  ],
];

/** That the checker finds what it is for. */
export function declareBrokenBuilds(enumeration: ReturnType<typeof createEnumeration>): void {
  test.each(BROKEN)('a service that %s is found out', async (build, point, problem) => {
    const [scenario] = SCENARIOS;
    if (scenario === undefined) throw new Error('there is no scenario');
    const alive = await enumeration.run(scenario, undefined, build);
    expect(alive.problems, 'nobody dies: nothing is broken').toEqual([]);
    const { hasDied, problems } = await enumeration.run(scenario, point, build);
    expect(hasDied).toBe(true);
    expect(problems).toContain(problem);
  });
}
