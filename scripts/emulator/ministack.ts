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
