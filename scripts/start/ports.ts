import { createServer } from 'node:net';

/** A port that was asked for, and the setting that chooses another. */
export interface WantedPort {
  readonly port: number;
  readonly setting: string;
  readonly purpose: string;
}

/** Reads a port from the environment. @throws {Error} with one clear line when it is none. */
export function portSetting(setting: string, standard: number): number {
  const text = process.env[setting] || String(standard);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Error(`${setting} must be a port between 1 and 65535, and is ${text}`);
  }
  return port;
}

/** @throws {Error} with one clear line when a port is taken */
export async function expectFree(wanted: readonly WantedPort[]): Promise<void> {
  for (const { port, setting, purpose } of wanted) {
    if (await isFree(port)) continue;
    throw new Error(
      `Port ${port} (${purpose}) is taken. Stop what uses it, or choose another: ${setting}=${port + 1} npm start`,
    );
  }
}

/**
 * A port of 127.0.0.1 on which nobody listens, below the range from which the kernel takes the
 * ports of outgoing connections: RabbitMQ binds its own only seconds later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

/** Nothing on it, and not bound by an all-interfaces server either. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port, '0.0.0.0'));
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(new Error(`port ${port} cannot be used: ${error.message}`, { cause: error }));
    });
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
