import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RabbitmqProxy {
  /** RabbitMQ's URL with the proxy's host and port in it. */
  readonly url: string;
  /** Says what RabbitMQ says when its memory or disk runs out, and like it reads nothing any more. */
  block(reason: string): void;
  unblock(): void;
  /** Closes every connection without a word. */
  cut(): void;
}

/**
 * Stands between a client and RabbitMQ until the test has finished, for faults that would stop every
 * other test if they were real.
 */
export async function rabbitmqProxy(brokerUrl: string): Promise<RabbitmqProxy> {
  const { hostname, port } = new URL(brokerUrl);
  const connections = new Map<Socket, Socket>();
  const server = createServer((client) => {
    const broker = connect(Number(port), hostname);
    connections.set(client, broker);
    client.on('error', () => undefined).on('close', () => broker.destroy());
    broker.on('error', () => undefined).on('close', () => client.destroy());
    client.pipe(broker).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const client of connections.keys()) client.destroy();
    connections.clear();
  };
  onTestFinished(() => {
    cut();
    server.close();
  });

  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the proxy has no port');
  const url = new URL(brokerUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    block(reason) {
      for (const [client, broker] of connections) {
        client.unpipe(broker);
        client.write(connectionMethod(60, Buffer.from([reason.length, ...Buffer.from(reason)])));
      }
    },
    unblock() {
      for (const [client, broker] of connections) {
        client.write(connectionMethod(61, Buffer.alloc(0)));
        client.pipe(broker);
      }
    },
    cut,
  };
}

/** A method frame of class `connection` on channel 0: AMQP 0-9-1, 4.2.3. */
function connectionMethod(methodId: number, fields: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(4 + fields.length, 3);
  head.writeUInt16BE(10, 7);
  head.writeUInt16BE(methodId, 9);
  return Buffer.concat([head, fields, Buffer.from([0xce])]);
}
