import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSqsQueue } from '../../src/adapters/queue/sqs.ts';
import { describeWithServices } from '../support/services.ts';
import { sqsReceiver } from '../support/sqs-receiver.ts';
import { GONE_TIMEOUT_MS, newMessage, queueContract, SHORT_DELAYS_MS } from './queue.contract.ts';

const PREFIX = `soundlift-test-${randomBytes(4).toString('hex')}`;

await describeWithServices('SQS', ['emulator'], ({ emulator }) => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const base = `${emulator}/000000000000/${PREFIX}`;
  const receiver = sqsReceiver(base);
  afterAll(() => receiver.close());

  queueContract('SQS', {
    open: () => createSqsQueue({ url: `sqs:${base}`, retryDelaysMs: SHORT_DELAYS_MS }),
    async openGone() {
      const silent = createServer();
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const sockets = new Set<{ destroy(): void }>();
      silent.on('connection', (socket) => sockets.add(socket));
      onTestFinished(() => {
        for (const socket of sockets) socket.destroy();
        silent.close();
      });
      const address = silent.address();
      if (typeof address !== 'object' || !address) throw new Error('the server has no port');
      const url = `sqs:http://127.0.0.1:${address.port}/000000000000/${PREFIX}`;
      return createSqsQueue({ url, timeoutMs: GONE_TIMEOUT_MS });
    },
    receive: (queueName) => receiver.receive(queueName),
  });

  it('makes queues that are not there, with dead letters behind them', async () => {
    const url = `${emulator}/000000000000/${PREFIX}-other`;
    const queue = createSqsQueue({ url: `sqs:${url}` });
    onTestFinished(() => queue.dispose());
    await queue.publish(newMessage());
    expect((await queue.depths())[0]).toMatchObject({ ready: 1, inFlight: 0, dead: 0 });

    const client = new SQSClient({ endpoint: emulator });
    onTestFinished(() => client.destroy());
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: `${url}-video-uploaded`,
        AttributeNames: ['RedrivePolicy', 'VisibilityTimeout'],
      }),
    );
    expect(JSON.parse(Attributes?.RedrivePolicy ?? '')).toMatchObject({
      deadLetterTargetArn: `arn:aws:sqs:eu-central-1:000000000000:${PREFIX}-other-video-uploaded-dead`,
      maxReceiveCount: 21,
    });
    expect(Attributes?.VisibilityTimeout).toBe('5400');
  });

  it('keeps characters that SQS takes in no text out of a reason', async () => {
    const queue = createSqsQueue({ url: `sqs:${base}` });
    onTestFinished(() => queue.dispose());
    const delivery = {
      queue: 'audio.ready' as const,
      body: Buffer.from('{"é": "\u0001"}'),
      failedAttempts: 0,
      redelivered: false,
    };
    await queue.deadLetter(delivery, 'printed \u0000 and \u001b[31m');
    const dead = await vi.waitFor(async () => {
      const received = await receiver.receive('audio.ready.dead');
      if (received === undefined) throw new Error('not there yet');
      return received;
    }, 20_000);
    expect(Buffer.from(dead.body)).toEqual(delivery.body);
    expect(dead.properties.headers?.['x-reason']).toBe('printed \ufffd and \ufffd[31m');
    await dead.ack();
  });
});

describe('the URL of an SQS queue', () => {
  it.each([
    'sqs:',
    'sqs:ftp://sqs.eu-central-1.amazonaws.com/123456789012/soundlift',
    'sqs:https://sqs.eu-central-1.amazonaws.com/soundlift',
    'sqs:https://sqs.eu-central-1.amazonaws.com/123456789012/video.uploaded',
  ])('is refused: %s', (url) => {
    expect(() => createSqsQueue({ url })).toThrow(TypeError);
  });
});
