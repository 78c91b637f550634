import { delimiter, resolve } from 'node:path';
import { installPythonTool } from '../python/install-tool.ts';

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
 * What MiniStack is told: to listen on 127.0.0.1 alone, and to keep everything in the folder. It runs
 * functions with the first `node` that it finds, which is this checkout's.
 */
export function ministackEnvironment(url: string, directory: string): Record<string, string> {
  return {
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: new URL(url).port || '80',
    STATE_DIR: directory,
    // Where it unpacks functions and layers, and where these write.
    TMPDIR: directory,
    PATH: [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter),
  };
}
