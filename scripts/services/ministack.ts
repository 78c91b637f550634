import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installMiniStack, ministackEnvironment } from '../emulator/ministack.ts';
import { expectEmulator } from '../stage/emulator-url.ts';
import { type Home, startProcess, untilReady } from './processes.ts';

/** Starts MiniStack on 127.0.0.1, without any state from before. Resolves with its URL when it answers. */
export async function startMinistack(home: Home, port: number): Promise<string> {
  const program = await installMiniStack();
  const url = `http://127.0.0.1:${port}`;
  const directory = join(home.directory, 'ministack');
  mkdirSync(directory, { recursive: true });
  const env = ministackEnvironment(url, directory);
  const command = { program, args: [], env, leavesOthers: true };
  const started = await startProcess('ministack', command, home);
  await untilReady(started, () => expectEmulator(url), home.signal);
  return url;
}
