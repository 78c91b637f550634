/** `npm run emulator`: an emulated cloud on this machine. */
import { execFile, spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';
import { lackOfPython } from './emulator/lack-of-python.ts';
import { installMiniStack } from './emulator/ministack.ts';
import { type RunningEmulator, runMinistack } from './emulator/run-ministack.ts';
import { emulatorUrl, isEmulatorUp } from './stage/emulator-url.ts';
import { loadDotEnv, RUN_SETTINGS } from './start/environment.ts';
import { expectFree } from './start/ports.ts';
import { runScript } from './start/run-script.ts';
import { untilStopIsAsked } from './start/until-stop-is-asked.ts';

const HELP = `The AWS API on this machine, by MiniStack, until Ctrl-C; it forgets what was deployed.

  npm run emulator                 then, in another terminal: npm run deploy:local
  npm run emulator -- --verbose    with every line of its log, not errors alone

With Python 3.10 or newer it is installed once, into ~/.cache/soundlift, by exact versions and hashes.
Without, it is the service "emulator" of docker-compose.yml.

Settings (environment, .env):
  EMULATOR_URL     ${RUN_SETTINGS.EMULATOR_URL}`;

await runScript({
  help: HELP,
  options: { verbose: { type: 'boolean', default: false } },
  run,
});

async function run({ verbose }: { readonly verbose: boolean }): Promise<number> {
  loadDotEnv('.env');
  const url = emulatorUrl();
  if (await isEmulatorUp(url)) {
    console.log(`An emulated cloud answers at ${url} already. Next: npm run deploy:local`);
    return 0;
  }
  const port = Number(new URL(url).port || 80);
  await expectFree([{ port, setting: 'EMULATOR_URL', purpose: 'the emulated cloud' }]);
  const stopAsked = untilStopIsAsked();
  const { emulator, where } = await start(url, verbose);
  console.log(`The emulated cloud is ready at ${url}: ${where}. Ctrl-C stops it.`);
  console.log('Next, in another terminal: npm run deploy:local');
  const code = await Promise.race([stopAsked, emulator.ended]);
  await emulator.stop();
  return code;
}

/** In a virtual environment, or else in a container. */
async function start(
  url: string,
  verbose: boolean,
): Promise<{ emulator: RunningEmulator; where: string }> {
  const lack = await lackOfPython();
  if (lack === undefined) {
    const program = await installMiniStack();
    const emulator = await runMinistack(program, url, (line) => {
      if (verbose || isTelling(line)) console.log(line);
    });
    return { emulator, where: `MiniStack, in ${program.replace(homedir(), '~')}` };
  }
  if (await hasCompose()) {
    console.log(`The service "emulator" of docker-compose.yml is started, since ${lack}.`);
    return { emulator: await runCompose(url, verbose), where: 'MiniStack, in docker-compose.yml' };
  }
  throw new Error(
    `MiniStack cannot be installed: ${lack}, and Docker Compose does not answer.\n` +
      'Install Python 3.10 or newer (https://www.python.org/downloads/) or Docker, and try again.',
  );
}

async function hasCompose(): Promise<boolean> {
  return await promisify(execFile)('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
}

async function runCompose(url: string, verbose: boolean): Promise<RunningEmulator> {
  const compose = ['compose', '--profile', 'emulator'];
  const env = { ...process.env, EMULATOR_PORT: new URL(url).port || '80' };
  // `--wait` shows the progress of building, and returns when the health check passes.
  await runToEnd([...compose, 'up', '--detach', '--build', '--wait', 'emulator'], env);
  const logs = spawn('docker', [...compose, 'logs', '--follow', '--tail', '0', 'emulator'], {
    env,
    stdio: verbose ? 'inherit' : 'ignore',
    detached: true,
  });
  const ended = new Promise<number>((resolve) => {
    logs.once('error', () => resolve(1));
    logs.once('exit', (code) => resolve(code ?? 1));
  });
  return { ended, stop: () => runToEnd([...compose, 'rm', '--stop', '--force', 'emulator'], env) };
}

function runToEnd(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('docker', args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`docker ${args.join(' ')} failed; see above`));
    });
  });
}

/** Of its warnings those about functions: the others are about services that Soundlift does not use. */
function isTelling(line: string): boolean {
  return /\b(ERROR|CRITICAL)\b|WARNING \[lambda|Traceback/.test(line);
}
