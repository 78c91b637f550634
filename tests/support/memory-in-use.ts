import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose_gc');
const collectGarbage: unknown = runInNewContext('gc');

/** What this process holds on to, in bytes: the heap and the buffers outside of it, without garbage. */
export function memoryInUse(): number {
  if (typeof collectGarbage !== 'function') throw new Error('this Node has no gc()');
  // Twice: the memory of a buffer is counted until the collection after the one that found it dead.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
