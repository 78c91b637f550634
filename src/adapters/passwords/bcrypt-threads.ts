import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Unavailable } from '../../domain/errors.ts';
import { BCRYPT_WORKER_FILE } from './bcrypt-worker-file.ts';

export type Job =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: number }
  | {
      readonly kind: 'verify';
      readonly password: string;
      readonly hash: string | undefined;
      readonly cost: number;
    };

/** A hash, or whether the password is right. */
export type Outcome = string | boolean;

export interface BcryptThreads {
  /** @throws {Unavailable} `passwords`, when too many wait already or the thread has died */
  run(job: Job): Promise<Outcome>;
}

interface Waiting {
  readonly job: Job;
  readonly answer: PromiseWithResolvers<Outcome>;
}

interface Thread {
  readonly worker: Worker;
  /** What it is at; absent: it is idle. */
  current?: Waiting | undefined;
}

/** More threads would not be faster than the processors that they get. */
const MAX_THREADS = availableParallelism() > 2 ? 2 : 1;

/**
 * Threads that are started when there is something to do, and keep no process from ending when there is
 * not. One that has died is replaced by the next job; what it was at fails.
 *
 * @param options.maxWaiting more than these are refused: each waits for all before it
 * @param options.workerFile for tests: another thread's code
 */
export function createBcryptThreads({
  maxWaiting,
  maxThreads = MAX_THREADS,
  workerFile = BCRYPT_WORKER_FILE,
}: {
  readonly maxWaiting: number;
  readonly maxThreads?: number | undefined;
  readonly workerFile?: string | URL | undefined;
}): BcryptThreads {
  const threads = new Set<Thread>();
  const queue: Waiting[] = [];

  function start(): Thread {
    const worker = new Worker(workerFile);
    const thread: Thread = { worker };
    threads.add(thread);
    let cause: unknown;
    worker.on('message', (outcome: Outcome) => {
      const done = thread.current;
      thread.current = undefined;
      worker.unref();
      done?.answer.resolve(outcome);
      next();
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      threads.delete(thread);
      thread.current?.answer.reject(new Unavailable('passwords', { cause }));
      thread.current = undefined;
      next();
    });
    return thread;
  }

  function next(): void {
    const waiting = queue[0];
    if (waiting === undefined) return;
    const idle = [...threads].find(({ current }) => current === undefined);
    const thread = idle ?? (threads.size < maxThreads ? start() : undefined);
    if (thread === undefined) return;
    queue.shift();
    thread.current = waiting;
    thread.worker.ref();
    thread.worker.postMessage(waiting.job);
  }

  return {
    run(job) {
      if (queue.length >= maxWaiting) return Promise.reject(new Unavailable('passwords'));
      const answer = Promise.withResolvers<Outcome>();
      queue.push({ job, answer });
      next();
      return answer.promise;
    },
  };
}
