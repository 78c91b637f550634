import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface StallingProxy {
  /** The service's URL with the proxy's host and port in it. */
  readonly url: string;
  /** How many bytes the service has answered so far. */
  answeredBytes(): number;
  /** From here on answers are swallowed; connections stay open, as when a network breaks. */
  stall(): void;
}

/** Stands between a service and its client until the test has finished. */
export async function stallingProxy(serviceUrl: string): Promise<StallingProxy> {
  const target = new URL(serviceUrl);
  const sockets = new Set<Socket>();
  let answeredBytes = 0;
  let stalled = false;

  const server = createServer((client) => {
    const service = connect(Number(target.port), target.hostname);
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (data) => service.write(data)).on('close', () => service.destroy());
    service.on('close', () => client.destroy());
    service.on('data', (data) => {
      answeredBytes += data.byteLength;
      if (!stalled) client.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the proxy has no port');
  const url = new URL(serviceUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    answeredBytes: () => answeredBytes,
    stall: () => {
      stalled = true;
    },
  };
}
