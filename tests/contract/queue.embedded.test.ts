import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { MessageSource, ReceiveOptions } from '../../plugins/rabbitmq-event-source/source.ts';
import { createEmbeddedQueue } from '../../src/adapters/queue/embedded.ts';
import { createEmbeddedSource } from '../../src/adapters/queue/embedded-source.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import type { Received } from '../support/received.ts';
import { tempDir } from '../support/temp-dir.ts';
import { GONE_TIMEOUT_MS, newMessage, queueContract, SHORT_DELAYS_MS } from './queue.contract.ts';

const NAME = 'video.uploaded';
const folder = await tempDir('queue');
const path = join(folder, 'data', 'queue.sqlite');
const receiver = createEmbeddedSource({ path });
afterAll(() => receiver.close());

queueContract('embedded', {
  open: () => createEmbeddedQueue({ path, retryDelaysMs: SHORT_DELAYS_MS }),
  async openGone() {
    await writeFile(join(folder, 'file'), 'where a folder should be');
    return createEmbeddedQueue({ path: join(folder, 'file', 'queue.sqlite') });
  },
  receive: (queueName) => receiveOne(receiver, queueName),
});

describe('embedded source', () => {
  it('gives the messages of a killed process to the next one', async () => {
    const { path, queue } = newQueue('killed');
    await queue.publish(newMessage());
    await queue.publish(newMessage());
    const script = fileURLToPath(new URL('../support/hold-message.ts', import.meta.url));
    const child = spawn(process.execPath, [script, JSON.stringify({ path, queue: NAME })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect((await queue.depths())[0]).toMatchObject({ ready: 0, inFlight: 2 });
    child.kill('SIGKILL');
    await once(child, 'exit');

    const batch = await newSource(path).receive(take({ batchSize: 10 }));
    expect(batch.messages.map(({ redelivered }) => redelivered)).toEqual([true, true]);
    await batch.ack();
    expect((await queue.depths())[0]).toMatchObject({ ready: 0, inFlight: 0 });
  });

  it('waits until the source before it is closed, and gets what that one held', async () => {
    const { path, queue } = newQueue('two-sources');
    await queue.publish(newMessage());
    const first = newSource(path);
    const held = await first.receive(take());
    const second = newSource(path);
    expect(await receiveOne(second, NAME)).toBeUndefined();
    await first.close();
    const batch = await second.receive(take());
    expect(batch.messages).toMatchObject([{ redelivered: true }]);
    await expect(held.ack()).rejects.toThrow();
    await batch.ack();
  });

  it('lets a batch that was put back settle nothing any more', async () => {
    const { path, queue } = newQueue('outdated');
    await queue.publish(newMessage());
    const source = newSource(path);
    const outdated = await source.receive(take());
    await outdated.requeue();
    await outdated.ack();
    const batch = await source.receive(take());
    await outdated.ack();
    await outdated.requeue();
    expect((await queue.depths())[0]).toMatchObject({ ready: 0, inFlight: 1 });
    await batch.ack();
  });

  it('fills a batch up to its size without waiting for the window to end', async () => {
    const { path, queue } = newQueue('full');
    const messages = [newMessage(), newMessage(), newMessage()];
    for (const message of messages) await queue.publish(message);
    const source = newSource(path);
    const full = await source.receive(take({ batchSize: 2, windowMs: 60_000 }));
    const rest = await source.receive(take({ batchSize: 2, windowMs: 100 }));
    const ids = [...full.messages, ...rest.messages].map(({ properties }) => properties.messageId);
    expect(full.messages).toHaveLength(2);
    expect(ids).toEqual(messages.map(({ id }) => id));
  });

  it('waits for a message, and ends with an empty batch when it is aborted', async () => {
    const { path, queue } = newQueue('aborted');
    const source = newSource(path);
    const waiting = source.receive(take());
    await queue.publish(newMessage());
    expect((await waiting).messages).toHaveLength(1);

    const stop = new AbortController();
    const idle = source.receive(take({ signal: stop.signal }));
    stop.abort();
    expect(await idle).toMatchObject({ messages: [] });
  });

  it('marks the dead as RabbitMQ does', async () => {
    const { path, queue } = newQueue('dead');
    await queue.publish(newMessage());
    const source = newSource(path);
    for (let returns = 0; returns <= 20; returns += 1) {
      await (await source.receive(take())).requeue();
    }
    const batch = await source.receive(take({ queue: `${NAME}.dead` }));
    expect(batch.messages[0]?.properties.headers).toEqual({
      'x-attempts': 0,
      'x-first-death-reason': 'delivery_limit',
    });
  });
});

describe('embedded queue file', () => {
  it('waits for another process that writes, and gives up in time', async () => {
    const { path, queue } = newQueue('locked');
    await queue.declare();
    const other = new DatabaseSync(path);
    onTestFinished(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    const startedMs = performance.now();
    await expect(queue.publish(newMessage())).rejects.toThrow(Unavailable);
    const waitedMs = performance.now() - startedMs;
    expect(waitedMs).toBeGreaterThan(GONE_TIMEOUT_MS / 2);
    other.exec('ROLLBACK');
    await queue.publish(newMessage());
  });

  it('is left alone when a newer version made it', async () => {
    const { path, queue } = newQueue('newer');
    await queue.declare();
    await queue.dispose();
    const other = new DatabaseSync(path);
    other.exec('PRAGMA user_version = 999');
    other.close();
    const refusal = { cause: { message: 'the file was made by a newer version' } };
    await expect(queue.declare()).rejects.toMatchObject(refusal);
  });
});

function newQueue(name: string) {
  const path = join(folder, `${name}.sqlite`);
  const queue = createEmbeddedQueue({ path, timeoutMs: GONE_TIMEOUT_MS });
  onTestFinished(() => queue.dispose());
  return { path, queue };
}

function newSource(path: string): MessageSource {
  const source = createEmbeddedSource({ path });
  onTestFinished(() => source.close());
  return source;
}

function take(options: Partial<ReceiveOptions> = {}): ReceiveOptions {
  const signal = AbortSignal.timeout(20_000);
  const accepts = () => true;
  return { queue: NAME, virtualHost: '/', batchSize: 1, windowMs: 0, accepts, signal, ...options };
}

async function receiveOne(source: MessageSource, queue: string): Promise<Received | undefined> {
  const batch = await source.receive(take({ queue, signal: AbortSignal.timeout(150) }));
  const [message] = batch.messages;
  return message && { ...message, ack: () => batch.ack(), requeue: () => batch.requeue() };
}
