import { randomUUID } from 'node:crypto';
import { type ConfirmChannel, connect, type Options } from 'amqplib';
import { afterAll, beforeAll } from 'vitest';
import { managementApi } from '../../conformance/management-api.ts';

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
  /** Publishes so many messages, whose bodies are their numbers from 1 on. */
  publishMany(queue: string, count: number): Promise<void>;
  /** A user who may do in this virtual host what the pattern of queues says, or nothing at all. */
  addUser(name: string, readPattern?: string): Promise<string>;
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
  const api = managementApi(urls.rabbitmqApi);
  const users: string[] = [];
  const path = `/vhosts/${name}`;
  let channel: ConfirmChannel;

  beforeAll(async () => {
    await api('PUT', path);
    const connection = await connect(`${urls.rabbitmq}/${name}`, { noDelay: true });
    // Dropping the virtual host closes it.
    connection.on('error', () => undefined);
    channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
  });
  afterAll(async () => {
    for (const user of users) await api('DELETE', `/users/${user}`);
    await api('DELETE', path);
  });

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
    async publishMany(queue, count) {
      for (let number = 1; number <= count; number += 1) {
        channel.sendToQueue(queue, Buffer.from(String(number)));
      }
      await channel.waitForConfirms();
    },
    async addUser(user, readPattern) {
      const unique = `${user}-${randomUUID()}`;
      await api('PUT', `/users/${unique}`, { password: 'password', tags: '' });
      users.push(unique);
      if (readPattern !== undefined) {
        const permissions = { configure: '', write: '', read: readPattern };
        await api('PUT', `/permissions/${name}/${unique}`, permissions);
      }
      const url = new URL(urls.rabbitmq);
      url.username = unique;
      url.password = 'password';
      return url.href;
    },
    async readyMessages(queue) {
      return (await channel.checkQueue(queue)).messageCount;
    },
    async closeEventSourceConnections() {
      const connections = (await api('GET', `${path}/connections`)) as ApiConnection[];
      const ours = connections.filter(
        ({ client_properties: { connection_name } }) => connection_name === 'rabbitmq-event-source',
      );
      for (const { name } of ours) {
        await api('DELETE', `/connections/${encodeURIComponent(name)}`);
      }
      return ours.length;
    },
  };
}
