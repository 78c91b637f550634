import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../scripts/start/ports.ts';
import { tempDir } from '../support/temp-dir.ts';

const directory = await tempDir('deploy-local');

/** Runs a script until it ends by itself. */
async function run(script: string, settings: Record<string, string>, args: string[] = []) {
  const env = { ...process.env, DATA_DIR: directory, ...settings };
  const { code, stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [resolve('scripts', script), ...args],
    { env },
  )
    .then((output) => ({ ...output, code: 0 }))
    .catch((error) => error);
  return { code, lines: `${stdout}${stderr}`.trim().split('\n') };
}

test.each(['emulator.ts', 'deploy-local.ts', 'remove-local.ts'])('%s --help', async (script) => {
  const { code, lines } = await run(script, {}, ['--help']);
  expect(code).toBe(0);
  expect(lines.join('\n')).toContain('EMULATOR_URL');
});

test.each(['deploy-local.ts', 'remove-local.ts'])(
  '%s without an emulated cloud is one line that says how to start it, and code 1',
  async (script) => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await run(script, { EMULATOR_URL: url })).toEqual({
      code: 1,
      lines: [
        `No emulated cloud answers at ${url}. Start it in another terminal: npm run emulator`,
      ],
    });
  },
);

test.each(['emulator.ts', 'deploy-local.ts', 'remove-local.ts'])(
  '%s does not go to another machine, where test keys would be tried',
  async (script) => {
    const { code, lines } = await run(script, { EMULATOR_URL: 'https://amazonaws.com' });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining('EMULATOR_URL must be an address of this')]);
  },
);

test('an emulated cloud whose port is taken is one line and code 1', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  const url = `http://127.0.0.1:${address.port}`;
  const { code, lines } = await run('emulator.ts', { EMULATOR_URL: url });
  expect(code).toBe(1);
  expect(lines).toEqual([expect.stringContaining(`Port ${address.port} (the emulated cloud)`)]);
});
