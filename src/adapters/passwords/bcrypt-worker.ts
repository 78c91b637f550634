/**
 * The thread that computes: the event loop of its function stays free for everybody else. One thing
 * after the other, so that whoever asks knows what it is at.
 */
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';
import type { Job, Outcome } from './bcrypt-threads.ts';

/** Other work of the machine comes first. */
const NICENESS = 10;

// On Linux it is a thread's own (setpriority(2), "C library/kernel differences"); elsewhere the process's.
if (process.platform === 'linux') setPriority(Math.max(getPriority(), NICENESS));

let dummyHash: string | undefined;

parentPort?.on('message', (job: Job) => parentPort?.postMessage(outcomeOf(job)));

function outcomeOf(job: Job): Outcome {
  if (job.kind === 'hash') return bcrypt.hashSync(job.password, job.cost);
  // Salt and cost decide how long it takes; no password is known that gives these 31 zeros.
  dummyHash ??= bcrypt.genSaltSync(job.cost) + '.'.repeat(31);
  const matches = bcrypt.compareSync(job.password, job.hash ?? dummyHash);
  return matches && job.hash !== undefined;
}
