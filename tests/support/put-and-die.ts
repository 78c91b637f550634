import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const BEGIN_PUT = fileURLToPath(new URL('begin-put.ts', import.meta.url));

/** Lets another process put or append (see begin-put.ts), and kills it in the middle. */
export async function putAndDie(argument: object): Promise<void> {
  const child = spawn(process.execPath, [BEGIN_PUT, JSON.stringify(argument)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}
