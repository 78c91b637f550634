import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { MAPPINGS } from '../conformance/mappings.ts';

const SERVICE = new URL('../conformance/probe/serverless.yml', import.meta.url);

interface RabbitmqEvent {
  readonly queue: string;
  readonly virtualHost?: string;
  readonly batchSize?: number;
  readonly maximumBatchingWindow?: number;
  readonly filterPatterns?: readonly unknown[];
  readonly enabled?: boolean;
}

it('the probe that is deployed by its serverless.yml has the mappings of the suite', () => {
  const service = parse(readFileSync(SERVICE, 'utf8'), { merge: true });
  const events: { readonly rabbitmq: RabbitmqEvent }[] = service.functions.probe.events;
  const declared = events.map(({ rabbitmq }) => {
    const { queue, virtualHost, batchSize, enabled, filterPatterns } = rabbitmq;
    const windowSeconds = rabbitmq.maximumBatchingWindow;
    return { queue, virtualHost, batchSize, windowSeconds, filterPatterns, enabled };
  });
  expect(declared).toEqual(MAPPINGS);
});
