import { type ChannelModel, connect } from 'amqplib';
import type { Received } from './received.ts';

export interface RabbitmqReceiver {
  receive(queueName: string): Promise<Received | undefined>;
  close(): Promise<void>;
}

/** Takes messages one by one with `basic.get`. Connects at the first one. */
export function rabbitmqReceiver(url: string): RabbitmqReceiver {
  let connection: Promise<ChannelModel> | undefined;

  async function open() {
    connection ??= connect(url, { noDelay: true });
    return (await connection).createChannel();
  }
  let channel: ReturnType<typeof open> | undefined;

  return {
    async receive(queueName) {
      channel ??= open();
      const opened = await channel;
      const message = await opened.get(queueName);
      if (message === false) return undefined;
      return {
        properties: message.properties,
        body: message.content,
        redelivered: message.fields.redelivered,
        ack: async () => opened.ack(message),
        requeue: async () => opened.nack(message, false, true),
      };
    },
    async close() {
      await (await connection)?.close();
    },
  };
}
