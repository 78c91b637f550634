import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../../src/domain/messages.ts';
import { deliveriesOf } from '../../src/lambda/rabbitmq-event.ts';

function fixture(path: string): string {
  return readFileSync(new URL(`../events/${path}.json`, import.meta.url), 'utf8');
}

const deliveriesIn = (path: string) => deliveriesOf(JSON.parse(fixture(path)));

describe('deliveriesOf', () => {
  it('reads a new message', () => {
    const [delivery, ...others] = deliveriesIn('aws-rmq/video-uploaded');
    expect(others).toEqual([]);
    expect(delivery).toMatchObject({
      queue: 'video.uploaded',
      messageId: '0192f0c0-0000-7000-8000-000000000001',
      failedAttempts: 0,
      redelivered: false,
    });
    expect(decodeMessage(delivery?.body ?? new Uint8Array())).toMatchObject({
      name: 'video.uploaded',
      id: '0192f0c0-0000-7000-8000-000000000001',
    });
  });

  it('reads how often a message has failed', () => {
    const [delivery] = deliveriesIn('aws-rmq/video-uploaded-third-attempt');
    expect(delivery).toMatchObject({ failedAttempts: 2, redelivered: true });
  });

  it('keeps the order of the messages', () => {
    const ids = deliveriesIn('aws-rmq/two-messages').map(({ messageId }) => messageId);
    expect(ids).toEqual([
      '0192f0c0-0000-7000-8000-000000000002',
      '0192f0c0-0000-7000-8000-000000000003',
    ]);
  });

  it('knows a shard by the name of its queue', () => {
    const event = fixture('aws-rmq/video-uploaded').replace(
      'video.uploaded::',
      'video.uploaded.3::',
    );
    expect(deliveriesOf(JSON.parse(event))).toMatchObject([{ queue: 'video.uploaded' }]);
  });

  it('passes on a body that is no message, and knows nothing else of it', () => {
    const [delivery] = deliveriesIn('aws-rmq/not-json');
    expect(delivery).toEqual({
      queue: 'video.uploaded',
      body: Buffer.from('hello'),
      messageId: undefined,
      failedAttempts: 0,
      redelivered: false,
    });
  });

  it('reads the documented sample, given a queue of ours', () => {
    const sample = fixture('aws-rmq/documented-sample').replace(
      'pizzaQueue::/',
      'audio.ready::/prod',
    );
    const [delivery] = deliveriesOf(JSON.parse(sample));
    expect(delivery).toMatchObject({ queue: 'audio.ready', failedAttempts: 0, redelivered: false });
    expect(Buffer.from(delivery?.body ?? []).toString()).toMatch(/^\{"timeout":0,/);
  });

  it.each([-1, 1.5, true, null, { bytes: [50] }])(
    'takes a message whose x-attempts is %j for a new one',
    (attempts) => {
      const event = fixture('aws-rmq/video-uploaded-third-attempt');
      const strange = event.replace('"x-attempts": 2', `"x-attempts": ${JSON.stringify(attempts)}`);
      expect(deliveriesOf(JSON.parse(strange))).toMatchObject([{ failedAttempts: 0 }]);
    },
  );

  it.each([
    ['of a queue that is not ours', JSON.parse(fixture('aws-rmq/documented-sample'))],
    ['of another source', { eventSource: 'aws:sqs', Records: [] }],
    ['that is none', 'hello'],
  ])('refuses an event %s', (_, event) => {
    expect(() => deliveriesOf(event)).toThrow(
      expect.objectContaining({ code: 'invalid-message', retry: 'never' }),
    );
  });
});
