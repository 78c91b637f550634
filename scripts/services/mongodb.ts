import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import type { Home } from './processes.ts';
import { findProgram, runToEnd, startProcess, untilReady } from './processes.ts';

const SOURCES = fileURLToPath(new URL('./mongo-wire/', import.meta.url));
const JAVA_ADVICE = 'on Debian: apt-get install openjdk-17-jdk-headless';
const MAVEN_ADVICE = 'on Debian: apt-get install maven';

/**
 * Starts a server that speaks MongoDB's wire protocol: no package registry has MongoDB itself.
 * Resolves with its URL when it answers the driver's greeting.
 */
export async function startMongodb(home: Home, port: number): Promise<string> {
  const java = findProgram(['java'], JAVA_ADVICE);
  const classPath = await build(home.signal);
  const file = join(home.directory, 'mongodb.h2');
  const args = ['-cp', classPath, 'Main', String(port), file];
  const started = await startProcess('mongodb', { program: java, args }, home);
  const url = `mongodb://127.0.0.1:${port}`;
  await untilReady(started, () => greet(url), home.signal);
  return url;
}

/** Fetches and compiles it once per version; the result is shared by every checkout of this user. */
async function build(signal: AbortSignal): Promise<string> {
  const pom = join(SOURCES, 'pom.xml');
  const [, version = 'unknown'] = readFileSync(pom, 'utf8').match(/<version>(\d+\..+)</) ?? [];
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const built = join(cache, 'soundlift', 'mongo-wire', version);
  const classPath = [built, join(built, 'lib', '*')].join(delimiter);
  if (existsSync(built)) return classPath;

  const maven = findProgram(['mvn'], MAVEN_ADVICE);
  const compiler = findProgram(['javac'], JAVA_ADVICE);
  mkdirSync(dirname(built), { recursive: true });
  const building = await mkdtemp(`${built}-`);
  try {
    const lib = join(building, 'lib');
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${lib}`];
    await runToEnd({ program: maven, args: ['-q', '-B', '-f', pom, ...copy] }, signal);
    const compile = ['-d', building, '-cp', join(lib, '*'), join(SOURCES, 'Main.java')];
    await runToEnd({ program: compiler, args: compile }, signal);
    // Somebody else may have been faster, with the same result.
    await rename(building, built).catch(() => undefined);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return classPath;
}

async function greet(url: string): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1_000 });
  try {
    // The driver says hello when it connects; the server knows no command of that name after that.
    await client.db('admin').command({ ping: 1 });
  } finally {
    await client.close();
  }
}
