import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import documentedSample from '../../../tests/events/aws-rmq/documented-sample.json' with {
  type: 'json',
};
import { rabbitmqProxy } from '../../../tests/support/rabbitmq-proxy.ts';
import { describeWithServices } from '../../../tests/support/services.ts';
import { createLambdaInvoker } from '../lambda-invoker.ts';
import { type Mapping, startPoller } from '../poller.ts';
import { createRabbitmqSource } from '../rabbitmq-source.ts';
import {
  type InvokeEndpoint,
  messagesOf,
  startInvokeEndpoint,
  succeed,
  throwInHandler,
} from './support/invoke-endpoint.ts';
import { testVirtualHost } from './support/rabbitmq.ts';

const POLL = { timeout: 20_000, interval: 20 };
const NEVER_MS = 300_000;

const bodiesOf = ({ invocations }: InvokeEndpoint) =>
  invocations.map((invocation) => messagesOf(invocation).map(({ body }) => body));

await describeWithServices('a mapping of a real RabbitMQ', ['rabbitmq', 'rabbitmqApi'], (urls) => {
  const virtualHost = testVirtualHost(urls);
  let queues = 0;

  async function declaredQueue(type?: 'classic'): Promise<string> {
    const queue = `mapped-${++queues}`;
    await virtualHost.declareQueue(queue, type);
    return queue;
  }

  interface PollOptions {
    readonly url?: string;
    readonly concurrency?: number;
    readonly answer?: (response: ServerResponse) => void;
  }

  async function poll(queue: string, fields: Partial<Mapping> = {}, options: PollOptions = {}) {
    const endpoint = await startInvokeEndpoint(options.answer ?? succeed);
    const source = createRabbitmqSource({ url: options.url ?? urls.rabbitmq });
    const lines: string[] = [];
    const note = (line: string) => lines.push(line);
    const mapping: Mapping = {
      ...{ arn: documentedSample.eventSourceArn, functionName: 'listener', timeoutMs: 20_000 },
      ...{ queue, virtualHost: virtualHost.name, batchSize: 100, windowMs: 500 },
      ...{ filterPatterns: [], ...fields },
    };
    const poller = startPoller({
      ...{ source, mappings: [mapping], concurrency: options.concurrency ?? 1, backOffMs: 10 },
      invoke: createLambdaInvoker({ endpoint: endpoint.url }),
      log: { notice: note, warning: note },
    });
    const stop = async () => {
      await poller.stop(0);
      await source.close();
    };
    onTestFinished(stop);
    return { endpoint, lines, stop };
  }

  /** Nothing is left: what was in flight would be waiting again. */
  async function expectEmpty(queue: string, { stop }: { stop(): Promise<void> }): Promise<void> {
    await stop();
    expect(await virtualHost.readyMessages(queue)).toBe(0);
  }

  it('hands the documented sample to the function, to the byte', async () => {
    const queue = await declaredQueue('classic');
    const [record] = documentedSample.rmqMessagesByQueue['pizzaQueue::/'];
    const { username } = new URL(urls.rabbitmq);
    await virtualHost.publish(queue, Buffer.from(record?.data ?? '', 'base64'), {
      ...{ contentType: 'text/plain', deliveryMode: 1, priority: 34, expiration: '60000' },
      ...{ headers: { header1: 'value1', header2: 'value2', numberInHeader: 10 } },
      ...{ timestamp: 2021, userId: username },
    });
    const { endpoint } = await poll(queue);
    await expect.poll(() => endpoint.invocations.length, POLL).toBe(1);
    // The queue, the user that a broker insists on, and the size of the body, which the sample has wrong.
    const documented = JSON.stringify(documentedSample)
      .replace('pizzaQueue::/', `${queue}::${virtualHost.name}`)
      .replace('AIDACKCEVSQ6C2EXAMPLE', username)
      .replace('"bodySize":80', '"bodySize":43');
    expect(JSON.stringify(endpoint.invocations[0]?.event)).toBe(documented);
  });

  it('has batches of 100 within 500 ms unless it says otherwise', async () => {
    const queue = await declaredQueue();
    await virtualHost.publishMany(queue, 150);
    const { endpoint } = await poll(queue);
    await expect
      .poll(() => bodiesOf(endpoint).map(({ length }) => length), POLL)
      .toEqual([100, 50]);
  });

  it('has batches of up to 10,000', async () => {
    const queue = await declaredQueue('classic');
    await virtualHost.publishMany(queue, 10_001);
    const { endpoint } = await poll(queue, { batchSize: 10_000, windowMs: 20_000 });
    await expect.poll(() => endpoint.invocations.length, POLL).toBe(1);
    expect(bodiesOf(endpoint)[0]).toEqual(
      Array.from({ length: 10_000 }, (_, index) => String(index + 1)),
    );
  });

  it('drops a message that no event can hold, says so, and goes on', async () => {
    const queue = await declaredQueue('classic');
    await virtualHost.publish(queue, Buffer.alloc(5 * 1024 * 1024), { messageId: 'too-large' });
    await virtualHost.publish(queue, 'small');
    const polling = await poll(queue, { windowMs: 50 });
    await expect.poll(() => bodiesOf(polling.endpoint), POLL).toEqual([['small']]);
    expect(polling.lines).toEqual([
      `${queue}::${virtualHost.name} → listener: dropped the message too-large of 5242880 bytes for good, since its event is larger than 6 MB`,
    ]);
    await expectEmpty(queue, polling);
  });

  it('hands over the largest message that an event can hold', async () => {
    const queue = await declaredQueue();
    await virtualHost.publish(queue, Buffer.alloc(4.7 * 1_000_000));
    const { endpoint, lines } = await poll(queue, { windowMs: 50 });
    await expect.poll(() => endpoint.invocations.length, POLL).toBe(1);
    expect(lines).toEqual([]);
  });

  it('fills its batches with what its filters let through, and removes the rest', async () => {
    const queue = await declaredQueue('classic');
    for (const size of [1, 2, 3, 4]) await virtualHost.publish(queue, JSON.stringify({ size }));
    const filterPatterns = ['{"data":{"size":[{"numeric":[">=",3]}]}}', '{"data":{"size":[1]}}'];
    const polling = await poll(queue, { batchSize: 3, windowMs: NEVER_MS, filterPatterns });
    await expect
      .poll(() => bodiesOf(polling.endpoint), POLL)
      .toEqual([['{"size":1}', '{"size":3}', '{"size":4}']]);
    await expectEmpty(queue, polling);
  });

  it('puts the whole batch back when the function fails, and nothing that it filtered out', async () => {
    const queue = await declaredQueue('classic');
    for (const body of ['a', 'x', 'b']) await virtualHost.publish(queue, body);
    let calls = 0;
    const answer = (response: ServerResponse) =>
      (++calls === 1 ? throwInHandler : succeed)(response);
    const filterPatterns = ['{"data":[{"anything-but":"x"}]}'];
    const fields = { batchSize: 2, windowMs: 5_000, filterPatterns };
    const polling = await poll(queue, fields, { answer });
    await expect.poll(() => polling.endpoint.invocations.length, POLL).toBe(2);
    const [first, second] = polling.endpoint.invocations.map(messagesOf);
    expect(first).toEqual([
      { body: 'a', redelivered: false },
      { body: 'b', redelivered: false },
    ]);
    expect(second?.map(({ body }) => body).toSorted()).toEqual(['a', 'b']);
    expect(second?.every(({ redelivered }) => redelivered)).toBe(true);
    await expectEmpty(queue, polling);
  });

  it('has one invocation at a time, and as many as the option says', async () => {
    const [one, two] = [await declaredQueue(), await declaredQueue()];
    await virtualHost.publishMany(one, 4);
    await virtualHost.publishMany(two, 4);
    const answer = (response: ServerResponse) => void setTimeout(() => succeed(response), 20);
    const single = await poll(one, { batchSize: 1 }, { answer });
    const double = await poll(two, { batchSize: 1 }, { answer, concurrency: 2 });
    await expect.poll(() => single.endpoint.invocations.length, POLL).toBe(4);
    await expect.poll(() => double.endpoint.invocations.length, POLL).toBe(4);
    expect([single.endpoint.mostAtOnce, double.endpoint.mostAtOnce]).toEqual([1, 2]);
  });

  it('shares its queue with another one, each with its own filter', async () => {
    const queue = await declaredQueue();
    const first = await poll(queue, { batchSize: 1, filterPatterns: ['{"data":["a"]}'] });
    const second = await poll(queue, { batchSize: 1, filterPatterns: ['{"data":["a"]}'] });
    for (let count = 0; count < 4; count += 1) await virtualHost.publish(queue, 'a');
    const both = () => [...bodiesOf(first.endpoint), ...bodiesOf(second.endpoint)];
    await expect.poll(both, POLL).toEqual([['a'], ['a'], ['a'], ['a']]);
  });

  const reasonOf = async (queue: string, fields: Partial<Mapping>, url: string) => {
    const { lines } = await poll(queue, fields, { url });
    await expect.poll(() => lines.length, POLL).toBe(1);
    return lines[0];
  };

  it('says that its credentials are wrong', async () => {
    const url = new URL(urls.rabbitmq);
    url.password = 'wrong';
    expect(await reasonOf('any', {}, url.href)).toContain(
      `EVENT_SOURCE_AUTHN_ERROR: RabbitMQ at ${url.host} does not take the password of ${url.username}`,
    );
  });

  it('says that its virtual host is missing, or closed to it', async () => {
    expect(await reasonOf('any', { virtualHost: 'nowhere' }, urls.rabbitmq)).toContain(
      'has no virtual host nowhere, or does not let guest in',
    );
    expect(await reasonOf('any', {}, await virtualHost.addUser('outsider'))).toMatch(
      /ESM_CONFIG_NOT_VALID: .* or does not let outsider-\S+ in/,
    );
  });

  it('says that its queue must not be read', async () => {
    const queue = await declaredQueue();
    expect(await reasonOf(queue, {}, await virtualHost.addUser('stranger', '^$'))).toContain(
      `EVENT_SOURCE_AUTHZ_ERROR: the broker's user must not read the queue ${queue}; permit it`,
    );
  });

  it('survives that the connection is cut while the function runs', async () => {
    const queue = await declaredQueue('classic');
    const proxy = await rabbitmqProxy(urls.rabbitmq);
    const open: ServerResponse[] = [];
    const answer = (response: ServerResponse) => void open.push(response);
    const polling = await poll(queue, { batchSize: 1 }, { url: proxy.url, answer });
    await virtualHost.publish(queue, 'one');
    await expect.poll(() => open.length, POLL).toBe(1);
    proxy.cut();
    // The broker has put it back: what the function made of it can no longer be told.
    await expect.poll(() => virtualHost.readyMessages(queue), POLL).toBe(1);
    open[0]?.end('null');
    await expect.poll(() => open.length, POLL).toBe(2);
    open[1]?.end('null');
    expect(polling.endpoint.invocations.map(messagesOf)).toEqual([
      [{ body: 'one', redelivered: false }],
      [{ body: 'one', redelivered: true }],
    ]);
    await expectEmpty(queue, polling);
  });
});
