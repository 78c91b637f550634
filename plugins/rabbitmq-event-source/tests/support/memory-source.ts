import { setTimeout as delay } from 'node:timers/promises';
import type { MessageSource, SourceMessage } from '../../source.ts';

export interface MemorySource extends MessageSource {
  readonly acked: readonly string[];
  readonly requeued: readonly string[];
}

/** A source that hands out the given bodies, one message at a time. */
export function createMemorySource(bodies: readonly string[]): MemorySource {
  const waiting: SourceMessage[] = bodies.map((body) => ({
    properties: {},
    body: Buffer.from(body),
    redelivered: false,
  }));
  const acked: string[] = [];
  const requeued: string[] = [];
  return {
    acked,
    requeued,
    async receive({ signal }) {
      const message = signal.aborted ? undefined : waiting.shift();
      if (message === undefined) {
        await delay(1_000, undefined, { signal }).catch(() => undefined);
        return { messages: [], async ack() {}, async requeue() {} };
      }
      const body = Buffer.from(message.body).toString('utf8');
      return {
        messages: [message],
        async ack() {
          acked.push(body);
        },
        async requeue() {
          requeued.push(body);
          waiting.unshift({ ...message, redelivered: true });
        },
      };
    },
    async close() {},
  };
}
