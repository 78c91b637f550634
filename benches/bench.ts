/** `npm run bench -- <name>`: measures. Each bench is a program of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHES: Readonly<Record<string, string>> = {
  cold: 'cold.ts',
  convert: 'convert.ts',
  events: 'events.ts',
  load: 'load.ts',
  memory: 'convert-memory.ts',
  page: 'page.ts',
  transfer: 'transfer.ts',
};

const [name = '', ...others] = process.argv.slice(2);
const program = BENCHES[name];
if (program === undefined) {
  console.error(`npm run bench -- <name>; the names are: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 1;
} else {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const bench = spawn(process.execPath, [path, ...others], { stdio: 'inherit' });
  // It has things to put away, and is waited for.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => bench.kill(signal));
  bench.once('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
