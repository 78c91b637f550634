import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { installPythonTool } from '../python/install-tool.ts';
import { type Home, startProcess, untilReady } from '../services/processes.ts';

/**
 * MiniStack, which answers like AWS on one port of this machine: https://pypi.org/project/ministack/
 * It needs Python 3.10 or newer.
 *
 * @returns the path of the program
 */
export function installMiniStack(): Promise<string> {
  return installPythonTool({ name: 'ministack', requirements: 'tests/emulator/requirements.txt' });
}

/**
 * Starts MiniStack on 127.0.0.1, without any state from before. Resolves with its URL when it answers.
 * Functions run in processes of their own, on the first node that it finds.
 */
export async function startMinistack(home: Home, port: number): Promise<string> {
  const program = await installMiniStack();
  const url = `http://127.0.0.1:${port}`;
  const directory = join(home.directory, 'ministack');
  mkdirSync(directory, { recursive: true });
  const env = {
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    STATE_DIR: join(directory, 'state'),
    // Where it unpacks functions and layers.
    TMPDIR: directory,
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  };
  const command = { program, args: [], env, leavesOthers: true };
  const started = await startProcess('ministack', command, home);
  await untilReady(started, () => checkHealth(url), home.signal);
  return url;
}

async function checkHealth(url: string): Promise<void> {
  const response = await fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(2_000) });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
}
