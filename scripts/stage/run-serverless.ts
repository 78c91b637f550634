import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { SERVERLESS, SERVERLESS_SETTINGS } from '../start/serverless-cli.ts';

/** The spinner of a step, the step, and how long it has taken. */
const STEP = /^[⠀-⣿] (.+?)(?: \(\d+\/\d+\))?(?: \(\d+s\))?$/;

/** Ends what runs when the user asks for it, by a signal or by the end of npm. */
export function abortedByUser(stopAsked: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  stopAsked.then(() => controller.abort());
  return controller.signal;
}

/**
 * Runs `serverless deploy` or `serverless remove` and shows each step as it begins.
 *
 * @throws {Error} with its last lines when it failed
 */
export async function runServerless(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const child = spawn(process.execPath, [SERVERLESS, ...args], {
    env: {
      ...process.env,
      ...environment,
      NODE_OPTIONS: '--disable-warning=DEP0040',
      ...SERVERLESS_SETTINGS,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const lines: string[] = [];
  const steps = new Set<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (raw) => {
      const line = stripVTControlCharacters(raw).trim();
      const [, begun] = STEP.exec(line) ?? [];
      if (begun === undefined && line !== '') lines.push(line);
      // Files are uploaded side by side, and the step is named after each of them in turn.
      if (begun === undefined || begun.startsWith('Uploading service') || steps.has(begun)) return;
      steps.add(begun);
      console.log(`  ${begun} …`);
    });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) => signal.aborted || reject(error));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (signal.aborted)
    throw new Error(`Interrupted: serverless ${args[0]} has not come to its end.`);
  if (code !== 0) {
    throw new Error(`serverless ${args.join(' ')} failed:\n${lines.slice(-30).join('\n')}`);
  }
}
