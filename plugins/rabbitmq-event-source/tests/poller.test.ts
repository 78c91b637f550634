import { describe, expect, it, onTestFinished } from 'vitest';
import { createLambdaInvoker } from '../lambda-invoker.ts';
import { type Mapping, type Poller, type PollerOptions, startPoller } from '../poller.ts';
import type { MessageSource } from '../source.ts';
import {
  messagesOf,
  startInvokeEndpoint,
  succeed,
  throwInHandler,
} from './support/invoke-endpoint.ts';
import { createMemorySource } from './support/memory-source.ts';

const MAPPING: Mapping = {
  functionName: 'soundlift-dev-converter',
  timeoutMs: 5_000,
  arn: 'arn:aws:mq:eu-central-1:111122223333:broker:media:b-1',
  queue: 'video.uploaded',
  virtualHost: '/',
  batchSize: 10,
  windowMs: 0,
  filterPatterns: [],
};
const STOP_TIMEOUT_MS = 5_000;

interface PollOptions extends Partial<PollerOptions> {
  readonly source: MessageSource;
  readonly url: string;
}

function poll({ url, ...options }: PollOptions): Poller & { readonly lines: readonly string[] } {
  const lines: string[] = [];
  const log = {
    notice: (line: string) => lines.push(line),
    warning: (line: string) => lines.push(line),
  };
  const poller = startPoller({
    invoke: createLambdaInvoker({ endpoint: url }),
    mappings: [MAPPING],
    concurrency: 1,
    log,
    backOffMs: 1,
    ...options,
  });
  onTestFinished(() => poller.stop(0));
  return { ...poller, lines };
}

describe('the poller, when the function succeeds', () => {
  it('has invoked it by name with the event and acknowledges', async () => {
    const { url, invocations } = await startInvokeEndpoint(succeed);
    const source = createMemorySource(['one']);
    poll({ source, url });
    await expect.poll(() => source.acked).toEqual(['one']);
    expect(invocations).toMatchObject([
      {
        path: '/2015-03-31/functions/soundlift-dev-converter/invocations',
        event: { eventSourceArn: MAPPING.arn, rmqMessagesByQueue: { 'video.uploaded::/': [{}] } },
      },
    ]);
    expect(source.requeued).toEqual([]);
  });

  it('goes on when the acknowledgement fails', async () => {
    const { url } = await startInvokeEndpoint(succeed);
    const memory = createMemorySource(['one', 'two']);
    const source: MessageSource = {
      ...memory,
      async receive(options) {
        const batch = await memory.receive(options);
        if (memory.acked.length > 0) return batch;
        const ack = () =>
          batch.ack().then(() => Promise.reject(new Error('the channel is closed')));
        return { ...batch, ack };
      },
    };
    const { lines } = poll({ source, url });
    await expect.poll(() => memory.acked).toEqual(['one', 'two']);
    expect(lines.join()).toContain('the batch will come again, since the channel is closed');
  });
});

describe('the poller puts a batch back, to come again as redelivered,', () => {
  it('when the function throws', async () => {
    let calls = 0;
    const { url, invocations } = await startInvokeEndpoint((response) => {
      calls += 1;
      (calls === 1 ? throwInHandler : succeed)(response);
    });
    const source = createMemorySource(['one']);
    const { lines } = poll({ source, url });
    await expect.poll(() => source.acked).toEqual(['one']);
    expect(source.requeued).toEqual(['one']);
    expect(invocations.flatMap(messagesOf)).toEqual([
      { body: 'one', redelivered: false },
      { body: 'one', redelivered: true },
    ]);
    expect(lines).toEqual([
      'video.uploaded::/ → soundlift-dev-converter: 1 put back, since the function failed: no such video',
    ]);
  });

  it('when the invocation is answered with 500', async () => {
    const { url } = await startInvokeEndpoint((response) => response.writeHead(500).end('oops'));
    const source = createMemorySource(['one']);
    const { lines } = poll({ source, url });
    await expect.poll(() => source.requeued).toContain('one');
    expect(lines[0]).toContain('the invocation got 500: oops');
    expect(source.acked).toEqual([]);
  });

  it('when nobody listens at the endpoint', async () => {
    const source = createMemorySource(['one']);
    const { lines } = poll({ source, url: 'http://127.0.0.1:1' });
    await expect.poll(() => source.requeued).toContain('one');
    expect(lines[0]).toContain('ECONNREFUSED');
    expect(source.acked).toEqual([]);
  });

  it('when the function does not answer in time', async () => {
    const { url } = await startInvokeEndpoint(() => {});
    const source = createMemorySource(['one']);
    const { lines } = poll({ source, url, mappings: [{ ...MAPPING, timeoutMs: 50 }] });
    await expect.poll(() => source.requeued).toContain('one');
    expect(lines[0]).toContain('no answer within 0.05 s');
  });

  it('and waits longer after each failure', async () => {
    const times: number[] = [];
    const { url } = await startInvokeEndpoint((response) => {
      times.push(performance.now());
      throwInHandler(response);
    });
    poll({ source: createMemorySource(['one']), url, backOffMs: 40 });
    await expect.poll(() => times.length).toBeGreaterThanOrEqual(4);
    const [first = 0, second = 0, third = 0, fourth = 0] = times;
    expect(second - first).toBeGreaterThan(35);
    expect(third - second).toBeGreaterThan(75);
    expect(fourth - third).toBeGreaterThan(155);
  });
});

describe('the poller, of one mapping,', () => {
  it('has one invocation at a time', async () => {
    const endpoint = await startInvokeEndpoint((response) => setImmediate(succeed, response));
    const source = createMemorySource(['one', 'two', 'three']);
    poll({ source, url: endpoint.url });
    await expect.poll(() => source.acked).toEqual(['one', 'two', 'three']);
    expect(endpoint.mostAtOnce).toBe(1);
  });

  it('has as many as the concurrency says', async () => {
    const endpoint = await startInvokeEndpoint(() => {});
    poll({
      source: createMemorySource(['one', 'two', 'three']),
      url: endpoint.url,
      concurrency: 2,
    });
    await expect.poll(() => endpoint.invocations.length).toBe(2);
    expect(endpoint.mostAtOnce).toBe(2);
  });
});

describe('the poller, when it is stopped,', () => {
  it('finishes what is in flight and takes nothing more', async () => {
    const answers: (() => void)[] = [];
    const { url, invocations } = await startInvokeEndpoint((response) => {
      answers.push(() => succeed(response));
    });
    const source = createMemorySource(['one', 'two']);
    const poller = poll({ source, url });
    await expect.poll(() => answers.length).toBe(1);
    const stopped = poller.stop(STOP_TIMEOUT_MS);
    expect(source.acked).toEqual([]);
    answers[0]?.();
    await stopped;
    expect(source.acked).toEqual(['one']);
    expect(invocations).toHaveLength(1);
  });

  it('gives an invocation up after the timeout and puts its messages back', async () => {
    const { url, invocations } = await startInvokeEndpoint(() => {});
    const source = createMemorySource(['one']);
    const poller = poll({ source, url });
    await expect.poll(() => invocations.length).toBe(1);
    await poller.stop(20);
    expect(source.requeued).toEqual(['one']);
    expect(source.acked).toEqual([]);
  });

  it('does not wait for a back-off to end', async () => {
    const { url } = await startInvokeEndpoint(throwInHandler);
    const source = createMemorySource(['one']);
    const poller = poll({ source, url, backOffMs: 3_600_000 });
    await expect.poll(() => source.requeued).toEqual(['one']);
    await poller.stop(STOP_TIMEOUT_MS);
  });

  it('puts a batch back that came too late', async () => {
    const { url, invocations } = await startInvokeEndpoint(succeed);
    const memory = createMemorySource(['one']);
    const source: MessageSource = {
      ...memory,
      receive: (options) =>
        new Promise((resolve) => {
          options.signal.addEventListener('abort', () =>
            resolve(memory.receive({ ...options, signal: new AbortController().signal })),
          );
        }),
    };
    await poll({ source, url }).stop(STOP_TIMEOUT_MS);
    expect(memory.requeued).toEqual(['one']);
    expect(invocations).toEqual([]);
  });
});

describe('the poller, while the source cannot be reached,', () => {
  it('tries again, says each reason once, and once that it works', async () => {
    const { url } = await startInvokeEndpoint(succeed);
    const memory = createMemorySource(['one']);
    let failures = 5;
    const source: MessageSource = {
      ...memory,
      async receive(options) {
        if (failures === 0) return memory.receive(options);
        failures -= 1;
        throw new Error(failures > 2 ? 'the broker is away' : 'the broker wants a password');
      },
    };
    const { lines } = poll({ source, url });
    await expect.poll(() => memory.acked).toEqual(['one']);
    const name = 'video.uploaded::/ → soundlift-dev-converter';
    expect(lines).toEqual([
      `${name}: the broker is away; trying again until it works`,
      `${name}: the broker wants a password; trying again until it works`,
      `${name}: receiving again`,
    ]);
  });
});
