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

/** A free port of the system's choice, for what nobody has to know. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port could be had');
  return address.port;
}

/** Nothing on it, and not bound by an all-interfaces server either. */
async function isFree(port: number): Promise<boolean> {
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
