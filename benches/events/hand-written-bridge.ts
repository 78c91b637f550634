/** What one writes who only wants messages to reach a function: consume one, post it, acknowledge it. */
import { connect } from 'amqplib';

const [brokerUrl = '', queue = '', endpoint = ''] = process.argv.slice(2);
const connection = await connect(brokerUrl, { noDelay: true });
const channel = await connection.createChannel();
await channel.prefetch(1);
await channel.consume(queue, async (message) => {
  if (message === null) return;
  const data = message.content.toString('base64');
  const event = { rmqMessagesByQueue: { [`${queue}::/`]: [{ data }] } };
  const response = await fetch(`${endpoint}/2015-03-31/functions/bench/invocations`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  await response.text();
  if (response.ok) channel.ack(message);
  else channel.nack(message);
});
console.log('Polling');
