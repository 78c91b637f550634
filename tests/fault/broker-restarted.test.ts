import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLambdaInvoker } from '../../plugins/rabbitmq-event-source/lambda-invoker.ts';
import { startPoller } from '../../plugins/rabbitmq-event-source/poller.ts';
import { createRabbitmqSource } from '../../plugins/rabbitmq-event-source/rabbitmq-source.ts';
import {
  messagesOf,
  startInvokeEndpoint,
} from '../../plugins/rabbitmq-event-source/tests/support/invoke-endpoint.ts';
import { freePort, stopProcesses } from '../../scripts/services/processes.ts';
import { startRabbitmq } from '../../scripts/services/rabbitmq.ts';
import { tempDir } from '../support/temp-dir.ts';

const QUEUE = 'restarted';
const POLL = { timeout: 40_000, interval: 100 };
const isMissing =
  process.env['REQUIRE_SERVICES'] !== '1' && !existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server');
const title = isMissing
  ? 'a broker that restarts (skipped: no rabbitmq-server; on Debian: apt-get install rabbitmq-server)'
  : 'a broker that restarts';

describe.skipIf(isMissing)(title, async () => {
  const directory = await tempDir('broker-restarted');
  const ledger = join(directory, 'processes.jsonl');
  let ports: { readonly amqp: number; readonly api: number };

  const start = () =>
    startRabbitmq({ directory, ledger, signal: new AbortController().signal }, ports);

  async function publish(url: string, body: string): Promise<void> {
    const connection = await connect(url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue(QUEUE, { arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue(QUEUE, Buffer.from(body), { persistent: true });
    await channel.waitForConfirms();
    await connection.close();
  }

  beforeAll(async () => {
    ports = { amqp: await freePort(), api: await freePort() };
  });
  afterAll(() => stopProcesses(ledger));

  it('gets its messages to the function, also the one that was in flight', async () => {
    const { url } = await start();
    await publish(url, 'in flight');
    const open: (() => void)[] = [];
    const endpoint = await startInvokeEndpoint((response) => {
      open.push(() => response.end('null'));
    });
    const lines: string[] = [];
    const note = (line: string) => lines.push(line);
    const source = createRabbitmqSource({ url });
    const poller = startPoller({
      ...{ source, concurrency: 1, log: { notice: note, warning: note } },
      invoke: createLambdaInvoker({ endpoint: endpoint.url }),
      mappings: [
        {
          ...{ arn: 'arn', functionName: 'listener', timeoutMs: 120_000 },
          ...{ queue: QUEUE, virtualHost: '/', batchSize: 1, windowMs: 500, filterPatterns: [] },
        },
      ],
    });
    try {
      await expect.poll(() => open.length, POLL).toBe(1);
      await stopProcesses(ledger);
      open[0]?.();
      await expect.poll(() => lines.join('\n'), POLL).toContain('trying again until it works');
      await start();
      await expect.poll(() => open.length, POLL).toBe(2);
      await publish(url, 'after');
      open[1]?.();
      await expect.poll(() => open.length, POLL).toBe(3);
      open[2]?.();
      expect(endpoint.invocations.flatMap(messagesOf)).toEqual([
        { body: 'in flight', redelivered: false },
        { body: 'in flight', redelivered: true },
        { body: 'after', redelivered: false },
      ]);
      expect(lines.at(-1)).toContain('receiving again');
    } finally {
      await poller.stop(0);
      await source.close();
    }
  });
});
