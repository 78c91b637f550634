import { appendFileSync } from 'node:fs';

/** Writes down what it got, and fails for a message that it has not seen before. */
export async function handle(event) {
  appendFileSync(process.env.JOURNAL, `${JSON.stringify({ invoked: event })}\n`);
  const [message] = Object.values(event.rmqMessagesByQueue).flat();
  if (!message.redelivered) throw new Error('not yet');
}
