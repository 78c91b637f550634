import { setTimeout as delay } from 'node:timers/promises';
import { type ConfirmChannel, connect, type Options } from 'amqplib';
import { managementApi } from './management-api.ts';
import { MAPPINGS, VIRTUAL_HOST } from './mappings.ts';

export interface Broker extends AsyncDisposable {
  readonly user: string;
  declare(queue: string): Promise<void>;
  publish(queue: string, body: string | Buffer, properties?: Options.Publish): Promise<void>;
  /** The same in the default virtual host. */
  publishToRoot(queue: string, body: string): Promise<void>;
  /** Resolves when a queue holds so many messages, given out or not; rejects when it does not come to that. */
  untilHolds(queue: string, count: number): Promise<void>;
  /** Closes every connection of the virtual host but the suite's own; resolves with how many. */
  closeOtherConnections(): Promise<number>;
}

/** A broker that is set up as usual counts every 5 s what queues hold; what it says may be as old. */
const COUNT_INTERVAL_MS = 5_000;
const COUNT_TIMEOUT_MS = 30_000;
const CONNECTION_NAME = 'rabbitmq-event-source-conformance';

/** Opens the virtual host of the suite, empty, with all queues but the one that is declared late. */
export async function openBroker(url: string, managementUrl: string): Promise<Broker> {
  const api = managementApi(managementUrl);
  const user = decodeURIComponent(new URL(url).username) || 'guest';
  await api('DELETE', `/vhosts/${VIRTUAL_HOST}`).catch(() => undefined);
  await api('PUT', `/vhosts/${VIRTUAL_HOST}`, {});
  const everything = { configure: '.*', write: '.*', read: '.*' };
  await api('PUT', `/permissions/${VIRTUAL_HOST}/${encodeURIComponent(user)}`, everything);

  const opened = await openChannel(url, VIRTUAL_HOST);
  const root = await openChannel(url, '/');
  const declareIn = async (channel: ConfirmChannel, queue: string) => {
    await channel.assertQueue(queue, { durable: true });
    await channel.purgeQueue(queue);
  };
  for (const { queue, virtualHost } of MAPPINGS) {
    if (virtualHost === undefined) await declareIn(root.channel, queue);
    else if (queue !== 'conformance.late') await declareIn(opened.channel, queue);
  }
  const publishBy = async (
    channel: ConfirmChannel,
    queue: string,
    body: string | Buffer,
    properties?: Options.Publish,
  ) => {
    channel.sendToQueue(queue, Buffer.from(body), properties);
    await channel.waitForConfirms();
  };
  return {
    user,
    declare: (queue) => declareIn(opened.channel, queue),
    publish: (queue, body, properties) => publishBy(opened.channel, queue, body, properties),
    publishToRoot: (queue, body) => publishBy(root.channel, queue, body),
    async untilHolds(queue, count) {
      await delay(1.2 * COUNT_INTERVAL_MS);
      const deadline = performance.now() + COUNT_TIMEOUT_MS;
      for (;;) {
        const answer = await api('GET', `/queues/${VIRTUAL_HOST}/${queue}`);
        const { messages } = Object(answer) as { readonly messages?: number };
        if (messages === count) return;
        if (performance.now() > deadline) {
          throw new Error(`the queue still holds ${messages ?? 'an unknown number of'} messages`);
        }
        await delay(500);
      }
    },
    async closeOtherConnections() {
      const connections = (await api('GET', `/vhosts/${VIRTUAL_HOST}/connections`)) as {
        readonly name: string;
        readonly client_properties?: { readonly connection_name?: string };
      }[];
      const others = connections.filter(
        ({ client_properties: properties }) => properties?.connection_name !== CONNECTION_NAME,
      );
      for (const { name } of others) {
        await api('DELETE', `/connections/${encodeURIComponent(name)}`);
      }
      return others.length;
    },
    async [Symbol.asyncDispose]() {
      for (const { queue, virtualHost } of MAPPINGS) {
        if (virtualHost === undefined) await root.channel.deleteQueue(queue);
      }
      await root.close();
      await opened.close();
      await api('DELETE', `/vhosts/${VIRTUAL_HOST}`);
    },
  };
}

async function openChannel(url: string, virtualHost: string) {
  const target = new URL(url);
  target.pathname = `/${encodeURIComponent(virtualHost)}`;
  const clientProperties = { connection_name: CONNECTION_NAME };
  const connection = await connect(target.href, { noDelay: true, clientProperties });
  const channel = await connection.createConfirmChannel();
  return { channel, close: () => connection.close() };
}
