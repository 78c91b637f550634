import { deepStrictEqual, ok } from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Broker } from './broker.ts';
import { type Collected, type Inbox, type Outcome, recordsOf } from './collector.ts';
import type { Deployment } from './deployment.ts';

export interface Host {
  readonly broker: Broker;
  inbox(queue: string): Inbox;
  rootInbox(queue: string): Inbox;
  /** Undefined where the mappings were deployed by somebody else, and cannot be changed from here. */
  readonly deployment: Deployment | undefined;
}

export interface Rule {
  readonly title: string;
  /** The page of AWS's documentation that says so. */
  readonly source: string;
  /** Why a host cannot be asked, where it cannot. */
  readonly unsupported?: (host: Host) => string | undefined;
  /** Rejects with what is wrong. */
  readonly check: (host: Host) => Promise<void>;
}

const DG = 'https://docs.aws.amazon.com/lambda/latest/dg';
const WITH_MQ = `${DG}/with-mq.html`;
const PARAMETERS = `${DG}/services-mq-params.html`;
const FILTERING = `${DG}/with-mq-filtering.html`;
const ERRORS = `${DG}/services-mq-errors.html`;
const BATCHING = `${DG}/invocation-eventsourcemapping.html`;

const MIB = 1024 * 1024;
/** What a clock, and a message on its way, may be off. */
const TOLERANCE_MS = 100;

/** Every rule has a queue of its own: they are tried side by side. */
export const RULES: readonly Rule[] = [
  {
    title: 'the event is the documented one, to the byte',
    source: WITH_MQ,
    async check({ broker, inbox }) {
      const queue = 'conformance.shape';
      await broker.publish(queue, '{"timeout":0,"data":"CZrmf0Gw8Ov4bqLQxD4E"}', {
        ...{ contentType: 'text/plain', deliveryMode: 1, priority: 34, expiration: '60000' },
        ...{ headers: { header1: 'value1', header2: 'value2', numberInHeader: 10 } },
        ...{ timestamp: 2021, userId: broker.user },
      });
      const { event } = firstOf(await inbox(queue).until(1));
      ok(/^arn:aws[a-z-]*:mq:/.test(event.eventSourceArn), `its ARN is ${event.eventSourceArn}`);
      const bytes = (text: string) => ({ bytes: [...Buffer.from(text)] });
      deepStrictEqual(
        JSON.stringify({ ...event, eventSourceArn: '' }),
        JSON.stringify({
          eventSource: 'aws:rmq',
          eventSourceArn: '',
          rmqMessagesByQueue: {
            [`${queue}::conformance`]: [
              {
                basicProperties: {
                  contentType: 'text/plain',
                  contentEncoding: null,
                  headers: {
                    header1: bytes('value1'),
                    header2: bytes('value2'),
                    numberInHeader: 10,
                  },
                  deliveryMode: 1,
                  priority: 34,
                  correlationId: null,
                  replyTo: null,
                  expiration: '60000',
                  messageId: null,
                  timestamp: 'Jan 1, 1970, 12:33:41 AM',
                  type: null,
                  userId: broker.user,
                  appId: null,
                  clusterId: null,
                  bodySize: 43,
                },
                redelivered: false,
                data: 'eyJ0aW1lb3V0IjowLCJkYXRhIjoiQ1pybWYwR3c4T3Y0YnFMUXhENEUifQ==',
              },
            ],
          },
        }),
      );
    },
  },
  {
    title: 'the default virtual host is /, and bytes are base64',
    source: WITH_MQ,
    async check({ broker, rootInbox }) {
      await broker.publishToRoot('conformance.root', 'ä');
      const { event } = firstOf(await rootInbox('conformance.root').until(1));
      deepStrictEqual(
        recordsOf(event).map(({ data }) => data),
        ['w6Q='],
      );
    },
  },
  {
    title: 'a batch is up to 100 messages within 500 ms unless the mapping says otherwise',
    source: PARAMETERS,
    async check({ broker, inbox }) {
      const queue = 'conformance.defaults';
      // The quickest of a few: a function that starts takes its time, too.
      const waitsMs: number[] = [];
      for (let alone = 1; alone <= 4; alone += 1) {
        const publishedMs = performance.now();
        await broker.publish(queue, 'alone');
        const last = (await inbox(queue).until(alone)).at(-1);
        waitsMs.push((last?.atMs ?? 0) - publishedMs);
      }
      const waitedMs = Math.min(...waitsMs);
      ok(waitedMs > 500 - TOLERANCE_MS, `what was no full batch came after ${waitedMs} ms`);
      const numbers = Array.from({ length: 120 }, (_, index) => String(index));
      await Promise.all(numbers.map((number) => broker.publish(queue, number)));
      const events = await untilMessages(inbox(queue), 124);
      const sizes = events.map(({ event }) => recordsOf(event).length);
      ok(Math.max(...sizes) <= 100, `one has ${Math.max(...sizes)} messages`);
    },
  },
  {
    title: 'a batch that is not full waits for its window, from its first message on',
    source: BATCHING,
    async check({ broker, inbox }) {
      const queue = 'conformance.window';
      const publishedMs = performance.now();
      await broker.publish(queue, 'first');
      await delay(700);
      await broker.publish(queue, 'second');
      const { atMs } = firstOf(await inbox(queue).until(1));
      deepStrictEqual(inbox(queue).bodies(), [['first', 'second']]);
      const waitedMs = atMs - publishedMs;
      ok(waitedMs > 2_000 - TOLERANCE_MS, `it came after ${waitedMs} ms`);
    },
  },
  {
    title: 'a full batch does not wait, and is in order',
    source: BATCHING,
    async check({ broker, inbox }) {
      const queue = 'conformance.full';
      for (const body of ['1', '2', '3', '4', '5', '6']) await broker.publish(queue, body);
      await inbox(queue).until(2);
      deepStrictEqual(inbox(queue).bodies(), [
        ['1', '2', '3'],
        ['4', '5', '6'],
      ]);
    },
  },
  {
    title: 'a batch ends before 6 MB',
    source: BATCHING,
    async check({ broker, inbox }) {
      const queue = 'conformance.large';
      for (let count = 0; count < 3; count += 1) await broker.publish(queue, Buffer.alloc(2 * MIB));
      const events = await inbox(queue).until(2);
      deepStrictEqual(
        events.map(({ event }) => recordsOf(event).length),
        [2, 1],
      );
    },
  },
  {
    title: 'a message whose event is larger than 6 MB is dropped, and the next one comes',
    source: ERRORS,
    async check({ broker, inbox }) {
      const queue = 'conformance.too-large';
      await broker.publish(queue, Buffer.alloc(5 * MIB));
      await broker.publish(queue, 'small');
      await inbox(queue).until(1);
      deepStrictEqual(inbox(queue).bodies(), [['small']]);
      await broker.untilHolds(queue, 0);
    },
  },
  {
    title: 'after an error the whole batch comes again as redelivered; after success it is gone',
    source: WITH_MQ,
    async check({ broker, inbox }) {
      const queue = 'conformance.failing';
      const probe = inbox(queue);
      probe.decide = async (index): Promise<Outcome> =>
        index === 0 ? { failsWith: 'not yet' } : {};
      for (const body of ['a', 'b', 'c']) await broker.publish(queue, body);
      const [first, ...others] = await untilMessages(probe, 6);
      const flags = (events: readonly (Collected | undefined)[]) =>
        events.flatMap((each) =>
          each ? recordsOf(each.event).map(({ redelivered }) => redelivered) : [],
        );
      deepStrictEqual(flags([first]), [false, false, false]);
      deepStrictEqual(flags(others), [true, true, true]);
      deepStrictEqual(probe.bodies().slice(1).flat().toSorted(), ['a', 'b', 'c']);
      await broker.untilHolds(queue, 0);
    },
  },
  {
    title: 'one invocation of a mapping at a time',
    source: WITH_MQ,
    async check({ broker, inbox }) {
      const queue = 'conformance.serial';
      const probe = inbox(queue);
      let running = 0;
      let mostAtOnce = 0;
      probe.decide = async () => {
        running += 1;
        mostAtOnce = Math.max(mostAtOnce, running);
        await delay(250);
        running -= 1;
        return {};
      };
      for (const body of ['1', '2', '3', '4']) await broker.publish(queue, body);
      await probe.until(4);
      deepStrictEqual(mostAtOnce, 1);
    },
  },
  {
    title:
      'filters are about decoded JSON, joined by or; plain strings pass, what is refused is removed',
    source: FILTERING,
    async check({ broker, inbox }) {
      const queue = 'conformance.json-filter';
      const refused = ['{"timeout":0}', '{"timeout":-1}', '{"urgency":1}', '{"timeout":"5"}'];
      const taken = ['{"timeout":5}', '{"urgent":null}', 'plain'];
      for (const body of [...refused, ...taken]) await broker.publish(queue, body);
      await inbox(queue).until(1);
      deepStrictEqual(inbox(queue).bodies(), [taken]);
      await broker.untilHolds(queue, 0);
    },
  },
  {
    title: 'filters are about plain strings, too; JSON passes, what is refused is removed',
    source: FILTERING,
    async check({ broker, inbox }) {
      const queue = 'conformance.text-filter';
      for (const body of ['Nothing', 'Result: 5', '{"a":1}']) await broker.publish(queue, body);
      await inbox(queue).until(2);
      deepStrictEqual(inbox(queue).bodies().flat().toSorted(), ['Result: 5', '{"a":1}']);
      await broker.untilHolds(queue, 0);
    },
  },
  {
    title: 'a queue that is declared later is polled then',
    source: ERRORS,
    async check({ broker, inbox }) {
      const queue = 'conformance.late';
      await broker.declare(queue);
      await broker.publish(queue, 'first');
      await inbox(queue).until(1, 60_000);
      await broker.untilHolds(queue, 0);
    },
  },
  {
    title: 'a mapping that is disabled leaves its messages where they are',
    source: PARAMETERS,
    async check({ broker, inbox }) {
      const queue = 'conformance.disabled';
      await broker.publish(queue, 'kept');
      await broker.untilHolds(queue, 1);
      deepStrictEqual(inbox(queue).bodies(), []);
    },
  },
  {
    title: 'a mapping can be disabled and enabled again',
    source: PARAMETERS,
    unsupported: ({ deployment }) => (deployment ? undefined : 'mappings are fixed here'),
    async check({ broker, inbox, deployment }) {
      ok(deployment);
      const queue = 'conformance.switched';
      await broker.publish(queue, 'enabled');
      await inbox(queue).until(1);
      await deployment.enable(queue, false);
      // However long the poller takes to notice, what it does then is finished.
      await delay(5_000);
      await broker.publish(queue, 'disabled');
      await broker.untilHolds(queue, 1);
      deepStrictEqual(inbox(queue).bodies(), [['enabled']]);
      await deployment.enable(queue, true);
      await inbox(queue).until(2);
    },
  },
];

/** Tried when the others have ended, for it takes their connections away. */
export const DISRUPTIVE_RULES: readonly Rule[] = [
  {
    title: 'a connection that the broker closes is opened again, and nothing is lost',
    source: WITH_MQ,
    async check({ broker, inbox }) {
      const queue = 'conformance.interrupted';
      await broker.publish(queue, 'before');
      await inbox(queue).until(1);
      // The management API lists a connection only some seconds after it was opened.
      let closed = 0;
      for (let attempt = 0; closed === 0 && attempt < 40; attempt += 1) {
        closed = await broker.closeOtherConnections();
        if (closed === 0) await delay(500);
      }
      ok(closed > 0, 'no connection of the event source is listed');
      await broker.publish(queue, 'after');
      // What was not acknowledged in time comes once more, too.
      for (let count = 2; inbox(queue).bodies().at(-1)?.[0] !== 'after'; count += 1) {
        await inbox(queue).until(count, 60_000);
      }
    },
  },
];

function firstOf(events: readonly Collected[]): Collected {
  const [first] = events;
  ok(first);
  return first;
}

/** Resolves when so many messages have come, in however many events. */
async function untilMessages(inbox: Inbox, count: number): Promise<readonly Collected[]> {
  for (let events = 1; ; events += 1) {
    const collected = await inbox.until(events);
    const messages = collected.flatMap(({ event }) => recordsOf(event)).length;
    if (messages >= count) return collected;
    events = collected.length;
  }
}
