/** `npm run bench -- <name>`: measures. Each bench is a program of its own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHES: Readonly<Record<string, string>> = {
  memory: 'convert-memory.ts',
};

const [name = '', ...others] = process.argv.slice(2);
const program = BENCHES[name];
if (program === undefined) {
  console.error(`npm run bench -- <name>; the names are: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 1;
} else {
  const path = fileURLToPath(new URL(program, import.meta.url));
  process.exitCode =
    spawnSync(process.execPath, [path, ...others], { stdio: 'inherit' }).status ?? 1;
}
