import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';

export interface FaultyLine {
  /** A URL of the service with the line's host and port in it. */
  urlOf(serviceUrl: string): string;
  /** The part is gone: connections are reset, and nobody listens any more (ECONNREFUSED). */
  cut(): Promise<void>;
  /** The network is gone: connections stay, new ones are taken, and nothing gets through. */
  stall(): void;
  /** The part is slow: each answer comes so much later. */
  slow(ms: number): void;
  /** The part is slow: a connection is answered at this speed at the most. */
  limit(bytesPerSecond: number): void;
  /** Once: when so many more bytes have been passed on, in whatever direction, all connections are reset. */
  resetAfter(bytes: number): void;
  /** Once: when so many more bytes have been passed on, the part is gone as by `cut`. */
  cutAfter(bytes: number): void;
  /** Once: the next thing that the service says is lost together with the connections. */
  loseNextAnswer(): void;
  /** Everything is as it was; what was held back gets through, as TCP sends it again. */
  mend(): Promise<void>;
}

/**
 * Stands between a service and its clients, for the tests of the calling suite: what toxiproxy's
 * `down`, `timeout`, `latency`, `bandwidth`, `limit_data` and `reset_peer` do, without a server of another language
 * to build. The service itself stays up, so that other suites can go on using it.
 */
export function faultyLine(serviceUrl: string): FaultyLine {
  const target = new URL(serviceUrl);
  const sockets = new Set<Socket>();
  let port = 0;
  let latencyMs = 0;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  let bytesUntilReset = Number.POSITIVE_INFINITY;
  let isGoneThen = false;
  let isNextAnswerLost = false;
  let stalled = Promise.withResolvers<void>();
  stalled.resolve();

  const resetAll = () => {
    bytesUntilReset = Number.POSITIVE_INFINITY;
    isNextAnswerLost = false;
    for (const socket of sockets) socket.resetAndDestroy();
    sockets.clear();
  };

  const fail = () => {
    if (isGoneThen) server.close();
    isGoneThen = false;
    resetAll();
  };

  async function passOn(from: Socket, to: Socket, isAnswer: boolean): Promise<void> {
    try {
      for await (const piece of from) {
        await stalled.promise;
        if (isAnswer) await delay(latencyMs + (1_000 * piece.length) / bytesPerSecond);
        bytesUntilReset -= piece.length;
        if (bytesUntilReset < 0 || (isAnswer && isNextAnswerLost)) return fail();
        if (!to.write(piece)) await once(to, 'drain');
      }
      to.end();
    } catch {
      // Either end has gone away, which is what a line is for.
      to.destroy();
    }
  }

  const server = createServer((client) => {
    const service = connect(Number(target.port), target.hostname);
    for (const socket of [client, service]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    client.on('close', () => service.destroy());
    service.on('close', () => client.destroy());
    void passOn(client, service, false);
    void passOn(service, client, true);
  });
  const listen = async () => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) port = address.port;
  };
  beforeAll(listen);
  afterAll(() => {
    stalled.resolve();
    resetAll();
    server.close();
  });

  return {
    urlOf(url) {
      const through = new URL(url);
      through.host = `127.0.0.1:${port}`;
      return through.href;
    },
    async cut() {
      const closed = once(server, 'close');
      server.close();
      resetAll();
      await closed;
    },
    stall() {
      stalled = Promise.withResolvers<void>();
    },
    slow(ms) {
      latencyMs = ms;
    },
    limit(speed) {
      bytesPerSecond = speed;
    },
    resetAfter(bytes) {
      bytesUntilReset = bytes;
    },
    cutAfter(bytes) {
      bytesUntilReset = bytes;
      isGoneThen = true;
    },
    loseNextAnswer() {
      isNextAnswerLost = true;
    },
    async mend() {
      stalled.resolve();
      latencyMs = 0;
      bytesPerSecond = Number.POSITIVE_INFINITY;
      bytesUntilReset = Number.POSITIVE_INFINITY;
      isGoneThen = false;
      isNextAnswerLost = false;
      if (!server.listening) await listen();
    },
  };
}
