import { expect, it, onTestFinished } from 'vitest';
import { describeWithServices } from '../../../tests/support/services.ts';
import { createLambdaInvoker } from '../lambda-invoker.ts';
import { startPoller } from '../poller.ts';
import { createRabbitmqSource } from '../rabbitmq-source.ts';
import type { MessageSource, ReceiveOptions, SourceBatch } from '../source.ts';
import { messagesOf, startInvokeEndpoint, succeed } from './support/invoke-endpoint.ts';
import { testVirtualHost } from './support/rabbitmq.ts';

const NEVER_MS = 300_000;

const bodiesOf = ({ messages }: SourceBatch) =>
  messages.map(({ body }) => Buffer.from(body).toString('utf8'));

await describeWithServices('the RabbitMQ source', ['rabbitmq', 'rabbitmqApi'], (urls) => {
  const virtualHost = testVirtualHost(urls);
  let queues = 0;

  async function declaredQueue(): Promise<string> {
    const queue = `queue-${++queues}`;
    await virtualHost.declareQueue(queue);
    return queue;
  }

  function openSource(): MessageSource {
    const source = createRabbitmqSource({ url: urls.rabbitmq });
    onTestFinished(() => source.close());
    return source;
  }

  const options = (queue: string, limits: Partial<ReceiveOptions> = {}): ReceiveOptions => ({
    queue,
    virtualHost: virtualHost.name,
    batchSize: 10,
    windowMs: 50,
    accepts: () => true,
    signal: new AbortController().signal,
    ...limits,
  });

  it('receives a full batch at once, in order', async () => {
    const queue = await declaredQueue();
    for (const body of ['1', '2', '3', '4', '5']) await virtualHost.publish(queue, body);
    const source = openSource();
    const full = await source.receive(options(queue, { batchSize: 3, windowMs: NEVER_MS }));
    expect(bodiesOf(full)).toEqual(['1', '2', '3']);
    await full.ack();
    const rest = await source.receive(options(queue, { batchSize: 3 }));
    expect(bodiesOf(rest)).toEqual(['4', '5']);
    await rest.ack();
  });

  it('waits for the window, from the first message on, when the batch is not full', async () => {
    const queue = await declaredQueue();
    const receiving = openSource().receive(options(queue, { windowMs: 1_000 }));
    await virtualHost.publish(queue, '1');
    const published = performance.now();
    await virtualHost.publish(queue, '2');
    const batch = await receiving;
    expect(bodiesOf(batch)).toEqual(['1', '2']);
    expect(performance.now() - published).toBeGreaterThan(900);
  });

  it('keeps a batch below what an invocation can carry', async () => {
    const queue = await declaredQueue();
    const large = Buffer.alloc(2 * 1024 * 1024);
    for (let count = 0; count < 3; count += 1) await virtualHost.publish(queue, large);
    const source = openSource();
    const first = await source.receive(options(queue, { windowMs: NEVER_MS }));
    expect(first.messages).toHaveLength(2);
    await first.ack();
    expect((await source.receive(options(queue))).messages).toHaveLength(1);
  });

  it('passes on every property', async () => {
    const queue = await declaredQueue();
    const properties = {
      contentType: 'application/json',
      contentEncoding: 'identity',
      headers: { attempt: 2, reason: 'é' },
      deliveryMode: 2,
      correlationId: 'c',
      replyTo: 'r',
      expiration: '60000',
      messageId: 'm',
      timestamp: 2021,
      type: 't',
      userId: 'guest',
      appId: 'a',
    };
    await virtualHost.publish(queue, '{}', properties);
    const batch = await openSource().receive(options(queue));
    expect(batch.messages).toMatchObject([{ properties, redelivered: false }]);
  });

  it('delivers again, marked as such, what was put back', async () => {
    const queue = await declaredQueue();
    for (const body of ['1', '2']) await virtualHost.publish(queue, body);
    const source = openSource();
    const first = await source.receive(options(queue, { batchSize: 2 }));
    await first.requeue();
    const second = await source.receive(options(queue, { batchSize: 2 }));
    expect(bodiesOf(second).toSorted()).toEqual(['1', '2']);
    expect(second.messages.map(({ redelivered }) => redelivered)).toEqual([true, true]);
  });

  it('leaves to the next source what was not acknowledged, and nothing else', async () => {
    const queue = await declaredQueue();
    for (const body of ['1', '2']) await virtualHost.publish(queue, body);
    const source = openSource();
    const first = await source.receive(options(queue, { batchSize: 1 }));
    await first.ack();
    await source.receive(options(queue, { batchSize: 1 }));
    await source.close();
    const next = await openSource().receive(options(queue));
    expect(next.messages).toMatchObject([{ redelivered: true }]);
    expect(bodiesOf(next)).toEqual(['2']);
  });

  it('serves concurrent receivers of one queue', async () => {
    const queue = await declaredQueue();
    for (const body of ['1', '2']) await virtualHost.publish(queue, body);
    const source = openSource();
    const batches = await Promise.all(
      [1, 2].map(() => source.receive(options(queue, { batchSize: 1 }))),
    );
    expect(batches.flatMap(bodiesOf).toSorted()).toEqual(['1', '2']);
  });

  it('ends waiting with an empty batch when the signal fires', async () => {
    const queue = await declaredQueue();
    const stop = new AbortController();
    const source = openSource();
    const receiving = source.receive(options(queue, { signal: stop.signal, windowMs: NEVER_MS }));
    await virtualHost.publish(queue, '1');
    stop.abort();
    expect((await receiving).messages).toEqual([]);
    const batch = await source.receive(options(queue));
    expect(bodiesOf(batch)).toEqual(['1']);
  });

  it('says which broker cannot be reached, without the password', async () => {
    const source = createRabbitmqSource({ url: 'amqp://someone:secret@127.0.0.1:1' });
    const receiving = source.receive(options('any'));
    await expect(receiving).rejects.toThrow(
      `cannot connect to RabbitMQ at 127.0.0.1:1, virtual host ${virtualHost.name}: connect ECONNREFUSED`,
    );
    await expect(receiving).rejects.not.toThrow('secret');
    await source.close();
  });

  async function startPolling(queue: string) {
    const endpoint = await startInvokeEndpoint(succeed);
    const source = openSource();
    const lines: string[] = [];
    const note = (line: string) => lines.push(line);
    const poller = startPoller({
      source,
      invoke: createLambdaInvoker({ endpoint: endpoint.url }),
      mappings: [
        {
          ...options(queue),
          arn: 'arn',
          functionName: 'listener',
          timeoutMs: 5_000,
          filterPatterns: [],
        },
      ],
      concurrency: 1,
      log: { notice: note, warning: note },
      backOffMs: 10,
    });
    onTestFinished(() => poller.stop(0));
    return {
      lines,
      bodies: () => endpoint.invocations.flatMap(messagesOf).map(({ body }) => body),
    };
  }

  it('receives again after the broker closed the connection, and the poller says so', async () => {
    const queue = await declaredQueue();
    const { lines, bodies } = await startPolling(queue);
    await virtualHost.publish(queue, 'before');
    await expect.poll(bodies, { timeout: 10_000 }).toEqual(['before']);
    // The management API lists a connection only some seconds after it was opened.
    await expect
      .poll(() => virtualHost.closeEventSourceConnections(), { timeout: 20_000, interval: 250 })
      .toBeGreaterThan(0);
    await virtualHost.publish(queue, 'after');
    await expect.poll(bodies, { timeout: 10_000 }).toEqual(['before', 'after']);
    const name = `${queue}::${virtualHost.name} → listener`;
    expect(lines).toEqual([
      `${name}: the connection to RabbitMQ was lost; trying again until it works`,
      `${name}: receiving again`,
    ]);
  });

  it('receives from a queue that is declared later, and declared again', async () => {
    const queue = 'declared-later';
    const { lines, bodies } = await startPolling(queue);
    const name = `${queue}::${virtualHost.name} → listener`;
    const missing = `${name}: ESM_CONFIG_NOT_VALID: there is no queue ${queue}; declare it, or correct the mapping; trying again until it works`;
    await expect.poll(() => lines, { timeout: 10_000 }).toEqual([missing]);
    // A quorum queue cancels its consumers some time after its end, perhaps after its new beginning.
    await virtualHost.declareQueue(queue, 'classic');
    await virtualHost.publish(queue, 'first');
    await expect.poll(bodies, { timeout: 10_000 }).toEqual(['first']);
    expect(lines).toEqual([missing, `${name}: receiving again`]);
    await virtualHost.deleteQueue(queue);
    await virtualHost.declareQueue(queue, 'classic');
    await virtualHost.publish(queue, 'second');
    await expect.poll(bodies, { timeout: 10_000 }).toEqual(['first', 'second']);
  });
});
