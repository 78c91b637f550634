import { randomUUID } from 'node:crypto';
import { type ConfirmChannel, connect, type Options } from 'amqplib';
import { afterAll, beforeAll } from 'vitest';

interface ApiConnection {
  readonly name: string;
  readonly client_properties: { readonly connection_name?: string };
}

/** A virtual host of a real RabbitMQ, made for the calling suite and dropped after it. */
export interface TestVirtualHost {
  readonly name: string;
  declareQueue(queue: string, type?: 'quorum' | 'classic'): Promise<void>;
  deleteQueue(queue: string): Promise<void>;
  publish(queue: string, body: string | Buffer, options?: Options.Publish): Promise<void>;
  /** How many messages nobody has taken; those that were put back are among them. */
  readyMessages(queue: string): Promise<number>;
  /** Closes what the event source has opened, from the broker's side; resolves with how many. */
  closeEventSourceConnections(): Promise<number>;
}

export function testVirtualHost(urls: {
  readonly rabbitmq: string;
  readonly rabbitmqApi: string;
}): TestVirtualHost {
  const name = `rabbitmq-event-source-${randomUUID()}`;
  const api = (method: string, path: string) => callApi(urls.rabbitmqApi, method, path);
  const path = `/api/vhosts/${name}`;
  let channel: ConfirmChannel;

  beforeAll(async () => {
    await api('PUT', path);
    const connection = await connect(`${urls.rabbitmq}/${name}`, { noDelay: true });
    // Dropping the virtual host closes it.
    connection.on('error', () => undefined);
    channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
  });
  afterAll(() => api('DELETE', path));

  return {
    name,
    async declareQueue(queue, type = 'quorum') {
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type } });
    },
    async deleteQueue(queue) {
      await channel.deleteQueue(queue);
    },
    async publish(queue, body, options) {
      channel.sendToQueue(queue, Buffer.from(body), options);
      await channel.waitForConfirms();
    },
    async readyMessages(queue) {
      return (await channel.checkQueue(queue)).messageCount;
    },
    async closeEventSourceConnections() {
      const connections = (await (
        await api('GET', `${path}/connections`)
      ).json()) as ApiConnection[];
      const ours = connections.filter(
        ({ client_properties: { connection_name } }) => connection_name === 'rabbitmq-event-source',
      );
      for (const { name } of ours) {
        await api('DELETE', `/api/connections/${encodeURIComponent(name)}`);
      }
      return ours.length;
    },
  };
}

async function callApi(url: string, method: string, path: string): Promise<Response> {
  const { origin, username, password } = new URL(url);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const response = await fetch(origin + path, { method, headers: { authorization } });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  return response;
}
