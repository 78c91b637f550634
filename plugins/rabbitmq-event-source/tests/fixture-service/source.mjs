import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A source of one message, which writes down what becomes of it. */
export default async function openSource() {
  const waiting = [{ properties: { type: 'hello' }, body: Buffer.from('hi'), redelivered: false }];
  const note = (entry) => appendFileSync(process.env.JOURNAL, `${JSON.stringify(entry)}\n`);
  return {
    async receive({ queue, virtualHost, batchSize, windowMs, signal }) {
      const message = waiting.shift();
      if (message === undefined) {
        await delay(60_000, undefined, { signal }).catch(() => undefined);
        return { messages: [] };
      }
      note({ received: { queue, virtualHost, batchSize, windowMs } });
      return {
        messages: [message],
        ack: async () => note({ acked: 1 }),
        requeue: async () => {
          note({ requeued: 1 });
          waiting.push({ ...message, redelivered: true });
        },
      };
    },
    close: async () => note({ closed: true }),
  };
}
