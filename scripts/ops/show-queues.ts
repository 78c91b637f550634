import type { Stores } from './stores.ts';
import { table } from './table.ts';

/** `ops queues`: how much is where. What a broker does not tell is a dash. */
export async function showQueues({ queue }: Stores): Promise<number> {
  const depths = await queue.depths();
  const delayed = await queue.delayed();
  const cell = (count: number | undefined) => (count === undefined ? '-' : String(count));
  const rows = depths.map((depth) => [
    depth.queue,
    cell(depth.ready),
    cell(depth.inFlight),
    cell(depth.delayed),
    cell(depth.dead),
  ]);
  console.log(table([['queue', 'ready', 'in flight', 'delayed', 'dead'], ...rows]));
  if (depths.some((depth) => depth.delayed === undefined)) {
    console.log(`\nDelayed, of all queues together: ${delayed}.`);
    console.log('What is in flight, RabbitMQ shows only on its management page.');
  }
  const [dead] = depths.filter((depth) => depth.dead > 0);
  if (dead) console.log(`\nWhat died, and why: npm run ops -- dead ${dead.queue}`);
  return 0;
}
