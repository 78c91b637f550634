import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readDotEnv } from '../../scripts/start/environment.ts';
import { freePort } from '../../scripts/start/ports.ts';
import { isAlive, processTree } from '../support/processes.ts';
import { startService } from '../support/running-service.ts';
import { tempDir } from '../support/temp-dir.ts';

const directory = await tempDir('start');

interface Ending {
  readonly code: number;
  readonly lines: string[];
}

/** Runs `npm start` until it ends by itself. */
async function start(
  settings: Record<string, string> = {},
  args: readonly string[] = [],
): Promise<Ending> {
  const env = { ...process.env, DATA_DIR: directory, ...settings };
  const program = [resolve('scripts/start.ts'), ...args];
  const { code, stdout, stderr } = await promisify(execFile)(process.execPath, program, { env })
    .then((output) => ({ ...output, code: 0 }))
    .catch((error) => error);
  return { code, lines: `${stdout}${stderr}`.trim().split('\n') };
}

async function freePorts() {
  return {
    PORT: String(await freePort()),
    MAIL_PORT: String(await freePort()),
    MAIL_PAGE_PORT: String(await freePort()),
  };
}

/** A port of this machine that somebody else has. */
async function takenPort(host: string): Promise<string> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return String(address.port);
}

describe('a start that cannot be', () => {
  test.each([
    ['PORT', '127.0.0.1'],
    ['PORT', '0.0.0.0'],
    ['MAIL_PORT', '127.0.0.1'],
    ['MAIL_PAGE_PORT', '127.0.0.1'],
  ])('with %s taken (on %s) is one line and code 1', async (setting, host) => {
    const port = await takenPort(host);
    const { code, lines } = await start({ ...(await freePorts()), [setting]: port });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining(`Port ${port}`)]);
    expect(lines[0]).toContain(`${setting}=`);
  });

  test('with a port that is none is one line and code 1', async () => {
    expect(await start({ PORT: 'http' })).toEqual({
      code: 1,
      lines: ['PORT must be a port between 1 and 65535, and is http'],
    });
  });

  test('with settings that are not right names every one of them, and never shows a value', async () => {
    const settings = {
      ...(await freePorts()),
      AUDIO_RETENTION: 'forever',
      QUEUE_URL: 'http://user:secret@broker',
      LOG_LEVEL: 'loud',
    };
    const { code, lines } = await start(settings, ['--services']);
    expect(code).toBe(1);
    const text = lines.join('\n');
    for (const name of ['USERS_URL is missing', 'AUDIO_RETENTION must', 'QUEUE_URL must']) {
      expect(text).toContain(name);
    }
    expect(text).not.toContain('secret');
  });
});

test('--help says what there is', async () => {
  const { code, lines } = await start({}, ['--help']);
  expect(code).toBe(0);
  expect(lines.join('\n')).toContain('MAIL_PAGE_PORT');
});

test('a stop ends every process, and what was stored is there at the next start', async () => {
  const dataDirectory = join(directory, 'kept');
  const first = await startService({ dataDirectory });
  const body = JSON.stringify({
    email: 'ada@example.org',
    password: 'long enough',
    full_name: 'A',
  });
  const register = (url: string) =>
    fetch(`${url}/api/v1/users`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  expect((await register(first.url)).status).toBe(201);
  const processes = await processTree(first.pid);
  expect(processes.length).toBeGreaterThan(1);
  expect(await first.stop()).toBe(0);
  // The bundler's own process sees a moment later that its parent is gone.
  await expect.poll(() => processes.filter(isAlive), { timeout: 10_000 }).toEqual([]);

  const second = await startService({ dataDirectory, ports: first.ports });
  expect((await register(second.url)).status).toBe(409);
  await second.stop();
}, 180_000);

test('npm start that is ended by SIGTERM leaves no process', async () => {
  const ports = await freePorts();
  const npm = spawn('npm', ['run', 'start', '--ignore-scripts'], {
    env: {
      ...process.env,
      ...ports,
      DATA_DIR: join(directory, 'npm'),
      ESBUILD_FOLDER: relative('', join(directory, 'esbuild')),
    },
    stdio: 'ignore',
  });
  const isReady = async () =>
    (await fetch(`http://localhost:${ports.PORT}/health`).catch(() => undefined))?.ok;
  await expect.poll(isReady, { timeout: 120_000, interval: 200 }).toBe(true);
  const processes = await processTree(npm.pid ?? 0);
  expect(processes.length).toBeGreaterThan(3);
  npm.kill('SIGTERM');
  await expect.poll(() => processes.filter(isAlive), { timeout: 20_000 }).toEqual([]);
}, 180_000);

test('an unknown line in .env is named', async () => {
  await writeFile(join(directory, '.env'), 'QUEUE_ULR=amqp://localhost\n');
  expect(() => readDotEnv(join(directory, '.env'))).toThrow('QUEUE_ULR is not a setting');
});
