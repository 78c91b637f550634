import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLambdaInvoker } from '../../plugins/rabbitmq-event-source/lambda-invoker.ts';
import { startPoller } from '../../plugins/rabbitmq-event-source/poller.ts';
import { createRabbitmqSource } from '../../plugins/rabbitmq-event-source/rabbitmq-source.ts';
import {
  messagesOf,
  startInvokeEndpoint,
} from '../../plugins/rabbitmq-event-source/tests/support/invoke-endpoint.ts';
import { stopProcesses } from '../../scripts/services/processes.ts';
import { startRabbitmq } from '../../scripts/services/rabbitmq.ts';
import { freePort } from '../../scripts/start/ports.ts';
import { createRabbitmqQueue } from '../../src/adapters/queue/rabbitmq.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import type { Queue } from '../../src/ports/queue.ts';
import { newMessage } from '../contract/queue.contract.ts';
import { tempDir } from '../support/temp-dir.ts';

const QUEUE = 'restarted';
const UNAVAILABLE = { code: 'unavailable', part: 'queue', retry: 'later' };
const POLL = { timeout: 40_000, interval: 100 };
const isMissing =
  process.env['REQUIRE_SERVICES'] !== '1' && !existsSync('/usr/lib/rabbitmq/bin/rabbitmq-server');
const title = isMissing
  ? 'a broker of our own (skipped: no rabbitmq-server; on Debian: apt-get install rabbitmq-server)'
  : 'a broker of our own';

describe.skipIf(isMissing)(title, async () => {
  const directory = await tempDir('broker-restarted');
  const ledger = join(directory, 'processes.jsonl');
  let ports: { readonly amqp: number; readonly api: number };

  let broker: Awaited<ReturnType<typeof startRabbitmq>> | undefined;

  async function start() {
    const home = { directory, ledger, signal: new AbortController().signal };
    broker = await startRabbitmq(home, ports);
    return broker;
  }

  async function stop(): Promise<void> {
    broker = undefined;
    await stopProcesses(ledger);
  }

  /** The one that the test before has left, for a start takes its time. */
  const running = async () => broker ?? (await start());

  function newQueue(url: string): Queue {
    const queue = createRabbitmqQueue({ url });
    onTestFinished(() => queue.dispose());
    return queue;
  }

  async function readyIn(queue: Queue, name: MessageName): Promise<number | undefined> {
    return (await queue.depths()).find((depth) => depth.queue === name)?.ready;
  }

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
  afterAll(stop);

  it('that restarts gets its messages to the function, also the one that was in flight', async () => {
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
      await stop();
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

  it('that restarts keeps what it has confirmed, and takes messages when it is up again', async () => {
    const { url } = await running();
    const queue = newQueue(url);
    await queue.publish(newMessage('audio.ready'));
    await stop();
    await expect(queue.publish(newMessage('audio.ready'))).rejects.toMatchObject(UNAVAILABLE);
    await start();
    await queue.publish(newMessage('audio.ready'));
    await expect.poll(() => readyIn(queue, 'audio.ready'), POLL).toBe(2);
  });

  it('that is out of memory is said to be at once, and takes messages when it has some', async () => {
    const { url, control } = await running();
    const queue = newQueue(url);
    await queue.ping();
    await control(['set_vm_memory_high_watermark', 'absolute', '1000000']);
    const refusal = { ...UNAVAILABLE, cause: { message: /takes no messages: low on memory/ } };
    // A broker in alarm blocks a connection when it reads the next message from it.
    const outcome = () => queue.publish(newMessage('conversion.failed')).catch((error) => error);
    await expect.poll(outcome, POLL).toMatchObject(refusal);
    await expect(queue.publish(newMessage('conversion.failed'))).rejects.toMatchObject(refusal);
    await control(['set_vm_memory_high_watermark', '0.9']);
    await expect.poll(outcome, POLL).toBeUndefined();
  });
});
