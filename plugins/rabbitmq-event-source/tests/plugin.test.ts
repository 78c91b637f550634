import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tempDir } from '../../../tests/support/temp-dir.ts';

const SERVICE_DIR = join(import.meta.dirname, 'fixture-service');
const CLI = createRequire(import.meta.url).resolve('serverless/bin/serverless.js');

const journalDir = await tempDir('rabbitmq-event-source');

function startOffline(lambdaPort: number, environment: Record<string, string>): ChildProcess {
  const args = [CLI, 'offline', 'start', '--noSponsor', '--lambdaPort', String(lambdaPort)];
  const child = spawn(process.execPath, args, {
    cwd: SERVICE_DIR,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Everything that the process has printed so far. */
function recordOutput({ stdout, stderr }: ChildProcess): () => string {
  let output = '';
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  return () => output;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function readFile(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

describe('serverless offline start', () => {
  it('feeds a function from the source, and closes it on SIGTERM', async () => {
    const journal = join(journalDir, 'journal.jsonl');
    const child = startOffline(await freePort(), { JOURNAL: journal, QUEUE: 'fixture.queue' });
    const output = recordOutput(child);
    const hasAcked = () => readFile(journal).includes('"acked"');
    await expect
      .poll(() => hasAcked() || child.exitCode !== null, { timeout: 50_000, interval: 100 })
      .toBe(true);
    expect(child.exitCode, output()).toBeNull();
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');

    const record = (redelivered: boolean) => ({
      invoked: {
        eventSource: 'aws:rmq',
        rmqMessagesByQueue: {
          'fixture.queue::fixtures': [
            { basicProperties: { type: 'hello' }, redelivered, data: 'aGk=' },
          ],
        },
      },
    });
    const received = {
      received: { queue: 'fixture.queue', virtualHost: 'fixtures', batchSize: 100, windowMs: 500 },
    };
    const entries = readFile(journal)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toMatchObject([
      received,
      record(false),
      { requeued: 1 },
      received,
      record(true),
      { acked: 1 },
      { closed: true },
    ]);
    expect(output()).toContain('Polling fixture.queue::fixtures for fixture-dev-listener');
    expect(code).toBe(0);
  });

  it('ends with a sentence when an event is wrong', async () => {
    const child = startOffline(await freePort(), { JOURNAL: join(journalDir, 'none'), QUEUE: '' });
    const output = recordOutput(child);
    const [code] = await once(child, 'close');
    expect(output()).toContain('functions.listener, rabbitmq event: queue must be a name, not ""');
    expect(code).toBe(1);
  });
});
