/**
 * Installs what `npm start` and `npm test` need and do not find. It runs before anything is
 * installed, on the Node that the machine has: plain JavaScript without dependencies.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = 20;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const IS_WINDOWS = process.platform === 'win32';

/** The one command that installs ffmpeg, by the program that would run it. */
const FFMPEG_COMMANDS = {
  brew: 'brew install ffmpeg',
  winget: 'winget install Gyan.FFmpeg',
  'apt-get': 'sudo apt-get install --no-install-recommends ffmpeg',
  dnf: 'sudo dnf install ffmpeg-free',
  zypper: 'sudo zypper install ffmpeg',
  pacman: 'sudo pacman -S ffmpeg',
  apk: 'sudo apk add ffmpeg',
};

class SetUpError extends Error {}

/**
 * Makes sure of Node, the packages of package-lock.json, and an ffmpeg.
 *
 * @throws {SetUpError} with what the user can do
 */
export function setUp() {
  expectNode();
  if (arePackagesStale()) installPackages();
  if (findFfmpeg() === undefined) installFfmpeg();
}

function expectNode() {
  const major = Number.parseInt(process.versions.node, 10);
  if (major >= OLDEST_NODE) return;
  throw new SetUpError(
    `Soundlift needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}. Get one at https://nodejs.org`,
  );
}

/** npm writes `node_modules/.package-lock.json` at the end of an installation. */
function arePackagesStale() {
  const installed = statSync(join(ROOT, 'node_modules/.package-lock.json'), {
    throwIfNoEntry: false,
  });
  return (
    installed === undefined || installed.mtimeMs < statSync(join(ROOT, 'package-lock.json')).mtimeMs
  );
}

function installPackages() {
  console.log('Installing packages (npm ci) …');
  // `npm ci` removes node_modules, and the Node that runs it must not be in there.
  const folders = (process.env.PATH ?? '').split(delimiter);
  const ours = resolve(ROOT, 'node_modules/.bin');
  const env = { ...process.env, PATH: folders.filter((folder) => folder !== ours).join(delimiter) };
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], env);
}

/** Asks the code that the service itself finds its ffmpeg with. */
function findFfmpeg() {
  const { FFMPEG_PATH: named = '' } = process.env;
  if (named !== '') {
    if (spawnSync(named, ['-version']).status === 0) return named;
    throw new SetUpError(
      `FFMPEG_PATH is ${named}, which does not run; correct it, or unset it to use another ffmpeg`,
    );
  }
  const program = `
    import { findFfmpeg } from './src/adapters/transcoder/find-ffmpeg.ts';
    process.stdout.write(findFfmpeg({ searchPath: process.env.PATH }) ?? '');
  `;
  const node = join(ROOT, 'node_modules/node/bin', IS_WINDOWS ? 'node.exe' : 'node');
  const { status, stdout, stderr, error } = spawnSync(
    node,
    ['--input-type=module', '--eval', program],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) {
    throw new SetUpError(
      `Node of node_modules does not run (${error?.message ?? stderr}); remove node_modules and try again`,
    );
  }
  return stdout || undefined;
}

function installFfmpeg() {
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.log('There is no ffmpeg: installing that of the system (apt-get install ffmpeg) …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], env);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'ffmpeg'], env);
    return;
  }
  const folders = (process.env.PATH ?? '').split(delimiter);
  const isThere = (program) =>
    folders.some((folder) => existsSync(join(folder, IS_WINDOWS ? `${program}.exe` : program)));
  const [, command] = Object.entries(FFMPEG_COMMANDS).find(([program]) => isThere(program)) ?? [];
  const advice = command === undefined ? 'Get one at https://ffmpeg.org/download.html' : command;
  throw new SetUpError(
    `There is no ffmpeg. Install one, or name one in FFMPEG_PATH:\n\n    ${advice}\n`,
  );
}

function run(program, args, env) {
  // On Windows npm is a script, which only a shell runs.
  const { status } = spawnSync(program, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env,
    shell: IS_WINDOWS,
  });
  if (status !== 0) throw new SetUpError(`${program} ${args.join(' ')} failed; see above`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    setUp();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
