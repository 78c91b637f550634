import { inspect } from 'node:util';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createRabbitmqQueue } from '../../src/adapters/queue/rabbitmq.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import { rabbitmqProxy } from '../support/rabbitmq-proxy.ts';
import { rabbitmqReceiver } from '../support/rabbitmq-receiver.ts';
import { rabbitmqVhost } from '../support/rabbitmq-vhost.ts';
import { describeWithServices } from '../support/services.ts';
import { stallingProxy } from '../support/stalling-proxy.ts';
import { GONE_TIMEOUT_MS, newMessage, queueContract, SHORT_DELAYS_MS } from './queue.contract.ts';

await describeWithServices('queue on RabbitMQ', ['rabbitmq', 'rabbitmqApi'], (urls) => {
  const vhost = rabbitmqVhost(urls, 'queue');
  const receiver = rabbitmqReceiver(vhost.url);
  afterAll(() => receiver.close());

  queueContract('rabbitmq', {
    open: () => createRabbitmqQueue({ url: vhost.url, retryDelaysMs: SHORT_DELAYS_MS }),
    async openGone() {
      const proxy = await stallingProxy(vhost.url);
      const gone = createRabbitmqQueue({ url: proxy.url, timeoutMs: GONE_TIMEOUT_MS });
      await gone.ping();
      proxy.stall();
      return gone;
    },
    receive: (queueName) => receiver.receive(queueName),
  });
});

await describeWithServices('queue on RabbitMQ, in shards', ['rabbitmq', 'rabbitmqApi'], (urls) => {
  const vhost = rabbitmqVhost(urls, 'shards');
  const receiver = rabbitmqReceiver(vhost.url);
  afterAll(() => receiver.close());
  const QUEUE_NAMES = ['video.uploaded', 'video.uploaded.2', 'video.uploaded.3'];

  function newQueue(shards: number) {
    const url = `${vhost.url}?shards=${shards}`;
    const queue = createRabbitmqQueue({ url, retryDelaysMs: [1, 1] });
    onTestFinished(() => queue.dispose());
    return queue;
  }

  /** The ids of what is in each queue, which are empty then. */
  async function drained(): Promise<string[][]> {
    const idsIn = async (queueName: string) => {
      const ids: string[] = [];
      for (;;) {
        const received = await receiver.receive(queueName);
        if (received === undefined) return ids;
        ids.push(received.properties.messageId ?? '');
        await received.ack();
      }
    };
    const found: string[][] = [];
    for (const queueName of QUEUE_NAMES) found.push(await idsIn(queueName));
    return found;
  }

  it('shares messages between them, each in one, and retries too', async () => {
    const queue = newQueue(3);
    const messages = Array.from({ length: 60 }, () => newMessage());
    await Promise.all(messages.map((message) => queue.publish(message)));
    expect((await queue.depths())[0]).toMatchObject({ queue: 'video.uploaded', ready: 60 });
    const first = await drained();
    expect(first.flat().sort()).toEqual(messages.map(({ id }) => id).sort());
    // Of 60 that are shared evenly, one queue gets none less often than once in 10^10 times.
    for (const ids of first) expect(ids.length).toBeGreaterThan(0);

    const failedAttempts = 0;
    const ids = messages.map(({ id }) => id);
    for (const messageId of ids) {
      const body = Buffer.from('{}');
      const delivery = { queue: 'video.uploaded' as const, body, failedAttempts, messageId };
      await queue.retryLater({ ...delivery, redelivered: false });
    }
    const ready = async () => (await queue.depths())[0]?.ready;
    await expect.poll(ready, { timeout: 20_000 }).toBe(60);
    const retried = await drained();
    expect(retried.flat().sort()).toEqual(ids.sort());
    for (const shard of retried) expect(shard.length).toBeGreaterThan(0);
  });

  it.each([
    [1, 3],
    [3, 1],
  ])('delivers once after their number has changed from %i to %i', async (before, after) => {
    await newQueue(before).declare();
    const queue = newQueue(after);
    const messages = Array.from({ length: 20 }, () => newMessage());
    await Promise.all(messages.map((message) => queue.publish(message)));
    const found = await drained();
    expect(found.flat().sort()).toEqual(messages.map(({ id }) => id).sort());
    if (after === 1) expect(found.map((ids) => ids.length)).toEqual([20, 0, 0]);
  });
});

await describeWithServices('faults of RabbitMQ', ['rabbitmq', 'rabbitmqApi'], (urls) => {
  const vhost = rabbitmqVhost(urls, 'faults');

  function newQueue(url = vhost.url) {
    const queue = createRabbitmqQueue({ url });
    onTestFinished(() => queue.dispose());
    return queue;
  }

  /** The connections as the management API sees them, which is a few seconds late. */
  async function connectionNames(): Promise<string[]> {
    const found = await vhost.api('GET', `/vhosts/${vhost.name}/connections`);
    return z
      .array(z.object({ name: z.string() }))
      .parse(found)
      .map(({ name }) => name);
  }

  async function readyIn(queueName: string): Promise<number | undefined> {
    const depths = await newQueue().depths();
    return depths.find(({ queue }) => queue === queueName)?.ready;
  }

  it('publishes on a new connection after the old one was closed', async () => {
    const queue = newQueue();
    await queue.publish(newMessage('audio.ready'));
    await expect.poll(connectionNames, { timeout: 20_000 }).toHaveLength(1);
    for (const name of await connectionNames()) {
      await vhost.api('DELETE', `/connections/${encodeURIComponent(name)}`);
    }
    // Whether or not the news has arrived here.
    await queue.publish(newMessage('audio.ready'));
    await expect.poll(() => readyIn('audio.ready')).toBe(2);
  });

  it('rejects a message that no queue takes, and declares anew with the next call', async () => {
    const queue = newQueue();
    await queue.publish(newMessage());
    await vhost.api('DELETE', `/queues/${vhost.name}/video.uploaded`);
    const refusal = { part: 'queue', cause: { message: 'no queue takes video.uploaded' } };
    await expect(queue.publish(newMessage())).rejects.toMatchObject(refusal);
    await queue.publish(newMessage());
    await expect.poll(() => readyIn('video.uploaded')).toBe(1);
  });

  it('publishes although its connection died before it could notice', async () => {
    const proxy = await rabbitmqProxy(vhost.url);
    const queue = newQueue(proxy.url);
    await queue.publish(newMessage('conversion.failed'));
    proxy.cut();
    await queue.publish(newMessage('conversion.failed'));
    await expect.poll(() => readyIn('conversion.failed')).toBe(2);
  });

  it('rejects at once while RabbitMQ is out of memory or disk, and only then', async () => {
    const proxy = await rabbitmqProxy(vhost.url);
    const queue = newQueue(proxy.url);
    await queue.ping();
    const underWay = failureOf(queue.publish(newMessage()));
    proxy.block('low on disk');
    const refusal = {
      part: 'queue',
      cause: { message: 'RabbitMQ takes no messages: low on disk' },
    };
    expect(await underWay).toMatchObject(refusal);
    await expect(queue.publish(newMessage())).rejects.toMatchObject(refusal);
    proxy.unblock();
    await expect.poll(() => failureOf(queue.publish(newMessage()))).toBeUndefined();
  });

  it.each(['s3cret-password', 'pässwörd'])('keeps the password %s to itself', async (password) => {
    const url = new URL(vhost.url);
    url.password = password;
    const failure = await failureOf(newQueue(url.href).ping());
    expect(failure).toBeInstanceOf(Unavailable);
    expect(inspect(failure, { depth: null })).toContain('ACCESS_REFUSED');
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(password);
    expect(inspect(failure, { depth: null })).not.toContain(encodeURIComponent(password));
  });

  it('takes a user and a password outside ASCII', async () => {
    const user = `${vhost.name}-jürgen`;
    const userPath = `/users/${encodeURIComponent(user)}`;
    await vhost.api('PUT', userPath, { password: 'pässwörd', tags: '' });
    onTestFinished(async () => {
      await vhost.api('DELETE', userPath);
    });
    await vhost.allow(user);
    const url = new URL(vhost.url);
    url.username = user;
    url.password = 'pässwörd';
    await newQueue(url.href).ping();
  });
});

describe('the URL of a RabbitMQ queue', () => {
  it.each([
    'amqp//guest:s3cret@127.0.0.1',
    'http://guest:s3cret@127.0.0.1',
    'amqp://guest:s3cret@127.0.0.1/?shards=0',
    'amqp://guest:s3cret@127.0.0.1/?shards=many',
  ])('is refused without being shown: %s', (url) => {
    const failure = failureOfCall(() => createRabbitmqQueue({ url }));
    expect(failure).toBeInstanceOf(TypeError);
    expect(inspect(failure, { showHidden: true })).not.toContain('s3cret');
  });
});

function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
}

function failureOfCall(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (reason) {
    return reason;
  }
}
