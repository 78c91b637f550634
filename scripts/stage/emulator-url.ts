import { REGION } from './local-stage.ts';

/** The address of the emulated cloud. @throws {Error} with one line when it is none of this machine */
export function emulatorUrl(): string {
  const text = process.env['EMULATOR_URL'] || 'http://127.0.0.1:4566';
  const url = URL.parse(text);
  const isOurs = url?.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname);
  if (!isOurs) {
    throw new Error(
      `EMULATOR_URL must be an address of this machine, like http://127.0.0.1:4566, and is ${text}`,
    );
  }
  return url.origin;
}

/** Whether MiniStack answers there. */
export async function isEmulatorUp(url: string): Promise<boolean> {
  const health = `${url}/_ministack/health`;
  return await fetch(health, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** @throws {Error} with what to do when nothing answers there */
export async function expectEmulator(url: string): Promise<void> {
  if (await isEmulatorUp(url)) return;
  throw new Error(
    `No emulated cloud answers at ${url}. Start it in another terminal: npm run emulator`,
  );
}

/** What makes AWS's tools talk to the emulator; it takes any key. */
export function awsEnvironment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}
