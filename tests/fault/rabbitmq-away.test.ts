import { afterEach, expect, it, onTestFinished } from 'vitest';
import { createRabbitmqQueue } from '../../src/adapters/queue/rabbitmq.ts';
import type { MessageName } from '../../src/domain/messages.ts';
import { newMessage } from '../contract/queue.contract.ts';
import { IN_TIME, idOf, RECOVERY, statusOf, upload } from '../support/http-calls.ts';
import { rabbitmqReceiver } from '../support/rabbitmq-receiver.ts';
import { REAL_SERVICES } from '../support/real-stores.ts';
import { serviceOnLines } from '../support/service-on-lines.ts';
import { describeWithServices } from '../support/services.ts';

/** When *janitor* takes a message for one that did not get through. */
const OVERDUE_MS = 60_000;

await describeWithServices('the API, while RabbitMQ', REAL_SERVICES, (urls) => {
  const service = serviceOnLines(urls, 'rabbitmq_away');
  const { rabbitmq } = service.lines;
  afterEach(() => rabbitmq.mend());

  function newQueue() {
    const queue = createRabbitmqQueue({ url: rabbitmq.urlOf(service.queueUrl()) });
    onTestFinished(() => queue.dispose());
    return queue;
  }

  /** What is in a queue, which is empty then. */
  async function drained(queueName: MessageName) {
    const receiver = rabbitmqReceiver(service.queueUrl());
    onTestFinished(() => receiver.close());
    const messages: { readonly messageId: string | undefined; readonly body: string }[] = [];
    for (;;) {
      const received = await receiver.receive(queueName);
      if (received === undefined) return messages;
      const { messageId } = received.properties;
      messages.push({ messageId, body: Buffer.from(received.body).toString() });
      await received.ack();
    }
  }

  it.each(['cut', 'stall'] as const)(
    'is away (%s), takes videos, says that it is, and publishes when it is back',
    IN_TIME,
    async (fault) => {
      await rabbitmq[fault]();
      const [taken, health] = await Promise.all([upload(service), service.gateway('/health')]);
      const id = await idOf(taken);
      expect(health.status).toBe(503);
      expect(health.headers.get('retry-after')).toBe('5');
      expect(await health.json()).toMatchObject({ parts: { queue: { status: 'down' } } });
      await rabbitmq.mend();
      await expect.poll(() => statusOf(service.gateway('/health')), RECOVERY).toBe(200);
      await service.tidyUpIn(OVERDUE_MS);
      // Twice, where a message was on its way when the line went silent.
      expect((await drained('video.uploaded')).map(({ body }) => body)).toContainEqual(
        expect.stringContaining(id),
      );
    },
  );

  it('takes 2 s for each answer, is slow and right', IN_TIME, async () => {
    await expect.poll(() => statusOf(service.gateway('/health')), RECOVERY).toBe(200);
    await drained('video.uploaded');
    rabbitmq.slow(2_000);
    const id = await idOf(await upload(service));
    const messages = await drained('video.uploaded');
    expect(messages).toMatchObject([{ body: expect.stringContaining(id) }]);
  });

  it('is lost after the message and before its confirm: there twice, under one id', async () => {
    const queue = newQueue();
    await queue.ping();
    const message = newMessage('conversion.failed');
    rabbitmq.loseNextAnswer();
    await queue.publish(message);
    const ids = (await drained('conversion.failed')).map(({ messageId }) => messageId);
    expect(ids).toEqual([message.id, message.id]);
  });

  it('is lost before the message and stays away: the publisher is told', async () => {
    const queue = newQueue();
    await queue.ping();
    await rabbitmq.cut();
    const unavailable = { code: 'unavailable', part: 'queue', retry: 'later' };
    await expect(queue.publish(newMessage())).rejects.toMatchObject(unavailable);
    await rabbitmq.mend();
    await queue.publish(newMessage());
  });
});
