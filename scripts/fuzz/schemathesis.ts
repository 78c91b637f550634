import { installPythonTool } from '../python/install-tool.ts';

/** @returns the path of Schemathesis, of the versions that tests/fuzz/requirements.txt asks for */
export function installSchemathesis(): Promise<string> {
  return installPythonTool({
    name: 'schemathesis',
    requirements: 'tests/fuzz/requirements.txt',
  });
}
