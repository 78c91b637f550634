/**
 * `npm run conformance`: tries by what AWS documents whether RabbitMQ messages reach functions, on
 * serverless-offline with the plugin and on MiniStack with the command beside it. With options it tries
 * the endpoint that they name: plugins/rabbitmq-event-source/README.md.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { table } from '../benches/convert/report.ts';
import type { Verdict } from '../plugins/rabbitmq-event-source/conformance/suite.ts';
import { type StartHost, startMinistack, startServerlessOffline } from './conformance/hosts.ts';
import { type OpenRabbitmq, openRabbitmq } from './services/open-rabbitmq.ts';
import { freePort } from './start/ports.ts';

const SUITE = 'plugins/rabbitmq-event-source/conformance.ts';
const HOSTS: readonly (readonly [string, StartHost])[] = [
  ['serverless-offline', startServerlessOffline],
  ['MiniStack', startMinistack],
];

interface HostVerdicts {
  readonly host: string;
  readonly verdicts: readonly Verdict[];
  readonly output: string;
}

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
}

const args = process.argv.slice(2);
try {
  process.exitCode = args.length > 0 ? await passOn(args) : await tryBothHosts();
} catch (error) {
  console.error(interruption.signal.aborted ? String(interruption.signal.reason) : error);
  process.exitCode = 1;
}

async function passOn(options: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [SUITE, ...options], { stdio: 'inherit' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

async function tryBothHosts(): Promise<number> {
  await using broker = await openRabbitmq(interruption.signal);
  const results: HostVerdicts[] = [];
  for (const [host, start] of HOSTS) results.push(await tryHost(host, start, broker));
  console.log(tableOf(results));
  const failed = results.filter(({ verdicts }) => verdicts.some(isFailed));
  for (const { host, verdicts, output } of failed) {
    for (const { title, reason, source } of verdicts.filter(isFailed)) {
      console.error(`\n${host}: ${title} (${source})\n${reason}`);
    }
    console.error(`\nWhat ${host} has printed:\n${output}`);
  }
  return failed.length > 0 ? 1 : 0;
}

async function tryHost(
  name: string,
  start: StartHost,
  broker: OpenRabbitmq,
): Promise<HostVerdicts> {
  const collectorUrl = `http://127.0.0.1:${await freePort()}/`;
  await using host = await start({ brokerUrl: broker.url, collectorUrl });
  console.error(`${name}: ${host.endpoint}`);
  const options = ['--endpoint', host.endpoint, '--broker', broker.url];
  options.push('--management', broker.apiUrl, '--collector', collectorUrl, '--json');
  if (host.isDeployed) options.push('--deployed');
  const { signal } = interruption;
  const suite = spawn(process.execPath, [SUITE, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  suite.once('error', () => undefined);
  const verdicts = JSON.parse((await text(suite.stdout)) || '[]') as Verdict[];
  signal.throwIfAborted();
  if (verdicts.length === 0) throw new Error(`${name}: no verdict. It printed:\n${host.output()}`);
  return { host: name, verdicts, output: host.output() };
}

function tableOf(results: readonly HostVerdicts[]): string {
  const titles = results[0]?.verdicts.map(({ title }) => title) ?? [];
  const cell = (title: string, { verdicts }: HostVerdicts) => {
    const { verdict = 'not tried', reason = '' } =
      verdicts.find((each) => each.title === title) ?? {};
    return verdict === 'n/a' ? `n/a: ${reason}` : verdict;
  };
  return table(
    ['rule', ...results.map(({ host }) => host)],
    titles.map((title) => [title, ...results.map((result) => cell(title, result))]),
  );
}

function isFailed({ verdict }: Verdict): boolean {
  return verdict === 'fail';
}
