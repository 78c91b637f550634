import { dueAt } from '../../../src/domain/conversion.ts';
import type { ConversionStore } from '../../../src/ports/conversion-store.ts';
import { duration } from '../table.ts';
import type { Finding } from './finding.ts';

/** *janitor* comes every minute: what is due for five is not done by it. */
const OVERDUE_MS = 5 * 60_000;
const MAX_COUNTED = 200;

/** Whether anything is stuck that somebody should have moved on long ago. */
export async function checkConversions(store: ConversionStore): Promise<Finding[]> {
  const part = 'conversions';
  const overdue = await store.listDue(new Date(Date.now() - OVERDUE_MS), MAX_COUNTED);
  const [longest] = overdue;
  if (longest === undefined) return [{ level: 'ok', part, says: 'none is overdue' }];
  const more = overdue.length === MAX_COUNTED ? ' or more' : '';
  const sinceMs = Date.now() - (dueAt(longest)?.getTime() ?? 0);
  return [
    {
      level: 'warn',
      part,
      says: `${overdue.length}${more} are overdue, ${longest.id} for ${duration(sinceMs)}`,
      todo: `Does janitor run? Its log says what it could not do. See npm run ops -- conversion ${longest.id}`,
    },
  ];
}
