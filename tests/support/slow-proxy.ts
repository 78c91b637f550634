import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';

export interface SlowProxy {
  /** The service's URL with the proxy's host and port in it. */
  url(): string;
  /** From here on a connection is answered at this speed at the most. */
  limit(bytesPerSecond: number): void;
}

/** Stands between a service and its clients, for the tests of the calling suite. */
export function slowProxy(serviceUrl: string): SlowProxy {
  const target = new URL(serviceUrl);
  const sockets = new Set<Socket>();
  let bytesPerSecond = Number.POSITIVE_INFINITY;

  /** A client that goes away ends it by an error, which is its good right. */
  async function passOn(from: Socket, to: Socket, isLimited: boolean): Promise<void> {
    try {
      for await (const piece of from) {
        if (isLimited) await delay((1_000 * piece.length) / bytesPerSecond);
        if (!to.write(piece)) await once(to, 'drain');
      }
      to.end();
    } catch {
      to.destroy();
    }
  }

  const server = createServer((client) => {
    const service = connect(Number(target.port), target.hostname);
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    void passOn(client, service, false);
    void passOn(service, client, true);
  });
  let port = 0;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) port = address.port;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  return {
    url() {
      const url = new URL(serviceUrl);
      url.host = `127.0.0.1:${port}`;
      return url.href;
    },
    limit(speed) {
      bytesPerSecond = speed;
    },
  };
}
