import { spawn } from 'node:child_process';

export interface RunningProgram {
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** As Ctrl-C does it; resolves with the exit code. */
  stop(): Promise<number>;
  readonly ended: Promise<number>;
}

interface ProgramOptions {
  /** A script of ours, and its arguments. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts one of our scripts in a process of its own and waits until it has printed something. */
export async function startProgram(
  options: ProgramOptions,
  readyText: string,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<RunningProgram> {
  const deadline = Date.now() + timeoutMs;
  const program = spawnProgram(options);
  let hasEnded = false;
  program.ended.then(() => {
    hasEnded = true;
  });
  while (!program.output().includes(readyText)) {
    if (hasEnded) throw new Error(`${options.args[0]} ended at its start:\n${program.output()}`);
    if (Date.now() > deadline) {
      throw new Error(`${options.args[0]} is not ready:\n${program.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return program;
}

/** Runs one of our scripts to its end. @throws {Error} with what it printed when it failed */
export async function runProgram(options: ProgramOptions): Promise<string> {
  const program = spawnProgram(options);
  const code = await program.ended;
  if (code !== 0) throw new Error(`${options.args[0]} ended with ${code}:\n${program.output()}`);
  return program.output();
}

function spawnProgram({ args, cwd, env }: ProgramOptions): RunningProgram {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? 1));
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    async stop() {
      child.kill('SIGINT');
      return await ended;
    },
  };
}
