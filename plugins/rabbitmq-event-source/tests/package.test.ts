import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../../tests/support/temp-dir.ts';

const run = promisify(execFile);
const plugin = resolve(import.meta.dirname, '..');
const project = await tempDir('rabbitmq-event-source-package');
const installed = join(project, 'node_modules/rabbitmq-event-source');

const manifestOf = async (directory: string) =>
  JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));

/** As npm installs it: what was packed is unpacked below node_modules, its dependencies beside it. */
beforeAll(async () => {
  const built = join(project, 'built');
  await run(process.execPath, [join(plugin, 'build.ts'), built]);
  await run('npm', ['pack', built, '--pack-destination', project], { cwd: project });
  const [tarball = ''] = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
  await mkdir(installed, { recursive: true });
  await run('tar', ['xzf', join(project, tarball), '-C', installed, '--strip-components', '1']);
  const { dependencies } = await manifestOf(plugin);
  for (const name of Object.keys(dependencies)) {
    await symlink(resolve('node_modules', name), join(project, 'node_modules', name));
  }
});

describe('the package', () => {
  it('has commands that run below node_modules', async () => {
    const { bin } = await manifestOf(installed);
    expect(Object.keys(bin)).toEqual([
      'rabbitmq-event-source',
      'rabbitmq-event-source-conformance',
    ]);
    for (const path of Object.values<string>(bin)) {
      const { stdout } = await run(process.execPath, [join(installed, path), '--help']);
      expect(stdout).toContain('--endpoint <url>');
    }
  });

  it('has a plugin that can be loaded by its name', async () => {
    const code = "console.log(typeof (await import('rabbitmq-event-source')).default)";
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
      cwd: project,
    });
    expect(stdout.trim()).toBe('function');
  });

  it('has the probe of the conformance suite, whose plugin is where it says', async () => {
    const probe = join(installed, 'conformance/probe');
    const service = await readFile(join(probe, 'serverless.yml'), 'utf8');
    const [, path = ''] = /^ {2}- (\.\/\S+)$/m.exec(service) ?? [];
    expect(existsSync(join(probe, path))).toBe(true);
  });

  it('has the dependencies, in the versions, that this project tests it with', async () => {
    const { dependencies } = await manifestOf(plugin);
    const project = await manifestOf(resolve('.'));
    expect(project.dependencies).toMatchObject(dependencies);
  });
});
