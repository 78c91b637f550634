import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../start/ports.ts';
import { stopProcesses } from './processes.ts';
import { startRabbitmq } from './rabbitmq.ts';

export interface OpenRabbitmq extends AsyncDisposable {
  readonly url: string;
  readonly apiUrl: string;
}

/** The RabbitMQ that the tests use, where there is one, or one of our own until it is disposed of. */
export async function openRabbitmq(signal: AbortSignal): Promise<OpenRabbitmq> {
  const { TEST_RABBITMQ_URL: url, TEST_RABBITMQ_API_URL: apiUrl } = process.env;
  if (url !== undefined && apiUrl !== undefined) {
    return { url, apiUrl, async [Symbol.asyncDispose]() {} };
  }
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-rabbitmq-'));
  const ledger = join(directory, 'processes.jsonl');
  const close = async () => {
    await stopProcesses(ledger);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const ports = { amqp: await freePort(), api: await freePort() };
    const urls = await startRabbitmq({ directory, ledger, signal }, ports);
    return { ...urls, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
