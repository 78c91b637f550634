import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export type FunctionName = 'gateway' | 'converter' | 'notifier' | 'janitor';

const pointSchema = z.object({ name: z.string(), side: z.enum(['before', 'after']) });
/** A place in the life of a function where it can die. */
export type Point = z.infer<typeof pointSchema>;

/** One call of a function. */
export const orderSchema = z.object({
  event: z.unknown(),
  /** By how much its clock is ahead. */
  offsetMs: z.number(),
  timeLeftMs: z.number(),
  dieAt: pointSchema.optional(),
  /** How often it was where in the calls before. */
  counts: z.record(z.string(), z.number()),
});
export type Order = z.infer<typeof orderSchema>;

const doneSchema = z.object({
  counts: z.record(z.string(), z.number()),
  crossed: z.array(pointSchema),
});
const messageSchema = z.object({
  isReady: z.boolean().optional(),
  answer: z.object({ result: z.unknown(), error: z.string().optional() }).optional(),
  done: doneSchema.optional(),
});

/** What became of a call. Who dies before the answer has said nothing; `done` is missing of who died at all. */
export interface Outcome {
  readonly answer?: { readonly result?: unknown; readonly error?: string | undefined } | undefined;
  readonly done?: z.infer<typeof doneSchema> | undefined;
}

const PROGRAM = fileURLToPath(new URL('function-process.ts', import.meta.url));

interface FunctionProcess {
  readonly child: ChildProcess;
  /** `undefined` when it was killed. @throws {Error} when it ended otherwise */
  next(): Promise<z.infer<typeof messageSchema> | undefined>;
}

/** Keeps a process for each function, and starts another one when it has died. */
export function functionHost(environment: Readonly<Record<string, string>>, build = 'real') {
  const running = new Map<FunctionName, Promise<FunctionProcess>>();

  function start(name: FunctionName): Promise<FunctionProcess> {
    const starting = startProcess(name, build, environment);
    running.set(name, starting);
    return starting;
  }

  return {
    async call(name: FunctionName, order: Order): Promise<Outcome> {
      const { child, next } = await (running.get(name) ?? start(name));
      child.send(order);
      const answer = (await next())?.answer;
      const done = answer && (await next())?.done;
      // Whoever calls it next hears of what goes wrong there.
      if (done === undefined) start(name).catch(() => undefined);
      return { answer, done };
    },
    async stop(): Promise<void> {
      for (const starting of running.values()) {
        const child = (await starting.catch(() => undefined))?.child;
        if (child === undefined || child.signalCode !== null || child.exitCode !== null) continue;
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      running.clear();
    },
  };
}

export type FunctionHost = ReturnType<typeof functionHost>;

async function startProcess(
  name: FunctionName,
  build: string,
  env: Readonly<Record<string, string>>,
): Promise<FunctionProcess> {
  const child = fork(PROGRAM, [name, build], {
    env,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const messages: unknown[] = [];
  let wake = () => {};
  child.on('message', (message) => {
    messages.push(message);
    wake();
  });
  child.on('exit', () => wake());
  const next = async () => {
    while (messages.length === 0) {
      if (child.signalCode === 'SIGKILL') return undefined;
      if (child.exitCode !== null) throw new Error(`${name} ended by itself: ${child.exitCode}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return messageSchema.parse(messages.shift());
  };
  if (!(await next())?.isReady) throw new Error(`${name} did not start`);
  return { child, next };
}
