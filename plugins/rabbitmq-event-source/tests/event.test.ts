import { describe, expect, it } from 'vitest';
import documentedSample from '../../../tests/events/aws-rmq/documented-sample.json' with {
  type: 'json',
};
import { createEvent, recordSizeBytes } from '../event.ts';
import type { SourceMessageProperties } from '../source.ts';

const MAPPING = { arn: documentedSample.eventSourceArn, queue: 'pizzaQueue', virtualHost: '/' };
const BODY = Buffer.from('{"timeout":0,"data":"CZrmf0Gw8Ov4bqLQxD4E"}');

function recordOf(properties: SourceMessageProperties, body: Uint8Array = BODY) {
  const event = createEvent(MAPPING, [{ properties, body, redelivered: false }]);
  return event.rmqMessagesByQueue['pizzaQueue::/']?.[0];
}

const headersOf = (headers: Record<string, unknown>) =>
  recordOf({ headers })?.basicProperties.headers;

describe('an aws:rmq event', () => {
  it('is the one that AWS documents, in the same order', () => {
    const event = createEvent(MAPPING, [
      {
        properties: {
          contentType: 'text/plain',
          headers: { header1: 'value1', header2: 'value2', numberInHeader: 10 },
          deliveryMode: 1,
          priority: 34,
          expiration: '60000',
          timestamp: 2021,
          userId: 'AIDACKCEVSQ6C2EXAMPLE',
        },
        body: BODY,
        redelivered: false,
      },
    ]);
    // The sample says 80 for a body of 43 bytes.
    const documented = JSON.stringify(documentedSample).replace('"bodySize":80', '"bodySize":43');
    expect(JSON.stringify(event)).toBe(documented);
  });

  it('has null for every property that the publisher did not set', () => {
    expect(recordOf({})?.basicProperties).toEqual({
      contentType: null,
      contentEncoding: null,
      headers: null,
      deliveryMode: null,
      priority: null,
      correlationId: null,
      replyTo: null,
      expiration: null,
      messageId: null,
      timestamp: null,
      type: null,
      userId: null,
      appId: null,
      clusterId: null,
      bodySize: 43,
    });
  });

  it('keeps the order of the messages and says which were delivered before', () => {
    const messages = [true, false].map((redelivered) => ({
      properties: {},
      body: BODY,
      redelivered,
    }));
    const records = createEvent(MAPPING, messages).rmqMessagesByQueue['pizzaQueue::/'];
    expect(records?.map(({ redelivered }) => redelivered)).toEqual([true, false]);
  });

  it('names the virtual host in the key', () => {
    const event = createEvent({ ...MAPPING, virtualHost: 'media' }, []);
    expect(Object.keys(event.rmqMessagesByQueue)).toEqual(['pizzaQueue::media']);
  });

  it('encodes the part of a larger buffer that is the body', () => {
    expect(recordOf({}, Buffer.from('xyz!').subarray(1, 3))?.data).toBe('eXo=');
  });

  it('knows the size of a message within it', () => {
    const message = {
      properties: { type: 'ä', headers: { a: 'b' } },
      body: BODY,
      redelivered: true,
    };
    const json = JSON.stringify(createEvent(MAPPING, [message]));
    const envelope = JSON.stringify(createEvent(MAPPING, []));
    // 1 byte of leeway: the digit 0 that stands in the measured record for the size of no body.
    expect(recordSizeBytes(message) - Buffer.byteLength(json) + envelope.length).toBe(1);
  });
});

describe('a header', () => {
  it('that is a text is an object with its bytes, signed as in Java', () => {
    expect(headersOf({ name: 'zé' })).toEqual({ name: { bytes: [122, -61, -87] } });
  });

  it('that is a number, a truth value or void is itself', () => {
    expect(headersOf({ whole: -7, part: 0.5, yes: true, void: null })).toEqual({
      whole: -7,
      part: 0.5,
      yes: true,
      void: null,
    });
  });

  it('that is a table or an array holds headers', () => {
    const death = {
      count: 2,
      queue: 'q',
      'routing-keys': ['k'],
      time: { '!': 'timestamp', value: 1_700_000_000 },
    };
    expect(headersOf({ 'x-death': [death] })).toEqual({
      'x-death': [
        {
          count: 2,
          queue: { bytes: [113] },
          'routing-keys': [{ bytes: [107] }],
          time: 'Nov 14, 2023, 10:13:20 PM',
        },
      ],
    });
  });

  it('that is a decimal is a number, and one of bytes an array of them', () => {
    const price = { '!': 'decimal', value: { places: 2, digits: 1999 } };
    expect(headersOf({ price, raw: Buffer.from([1, 255]) })).toEqual({
      price: 19.99,
      raw: [1, -1],
    });
  });
});
