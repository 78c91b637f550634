/**
 * Measures the whole service under load: `npm run bench -- load`. On real services too, when
 * `node scripts/services.ts run` starts it. It says what was reached and fails on none of it: it is a
 * benchmark. Linux only.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SignedInClient, signedInClient } from '../tests/support/api-client.ts';
import { sample } from '../tests/support/media.ts';
import { type BenchRun, runBench } from './command.ts';
import { describeMachine } from './convert/machine.ts';
import { table } from './convert/report.ts';
import { embeddedHost, type LoadHost, servicesHost, servicesOfEnvironment } from './load/host.ts';
import { measureStorm, type StormResult } from './load/sign-in-storm.ts';
import { measureUploads, type UploadsResult } from './load/uploads.ts';
import { judged } from './transfer/section.ts';

const STORM_AIM = 5;

const EXPLAINED = `Clients upload a video of five seconds each, all clients at once. **To the mail** is from the
beginning of an upload to when its mail is seen, which is looked for four times a second. **Memory** is the most
that all processes of the service had at one time (Pss). **Lost** has no MP3 that is ready, or no mail. In the
**storm** clients sign in all the time while lists of conversions are asked for, one after the other; aimed at
is no more than ${STORM_AIM} times what a list takes in rest.`;

async function bench({ isShort, rounds, signal }: BenchRun): Promise<string> {
  // Otherwise nearly all of the storm, and most of the uploads, are refused before they cost anything.
  process.env['SIGN_INS_PER_ACCOUNT'] = '0';
  process.env['QUOTA_CONVERSIONS_PER_DAY'] = '0';
  process.env['QUOTA_CONVERSIONS_AT_ONCE'] = '0';
  const machine = await describeMachine({});
  const size = isShort
    ? { uploads: 20, clients: 5, storm: 5 }
    : { uploads: 200, clients: 20, storm: 50 };
  const directory = await mkdtemp(join(tmpdir(), 'soundlift-load-'));
  const urls = servicesOfEnvironment();
  const hosts = [
    () => embeddedHost(join(directory, 'embedded')),
    ...(urls ? [() => servicesHost(urls, join(directory, 'services'))] : []),
  ];
  try {
    const columns: string[][] = [];
    for (const start of hosts) {
      await using host = await start();
      const clients: SignedInClient[] = [];
      while (clients.length < size.clients) {
        clients.push(await signedInClient(host.service.url, `client-${clients.length}`));
      }
      const video = await sample('covered');
      const uploads = await measureUploads(host, clients, size.uploads, video, signal);
      const storm = await measureStorm(host, clients, size.storm, rounds, signal);
      columns.push(column(host, uploads, storm));
    }
    const rows = ROWS.map((row, index) => [row, ...columns.map((each) => each[index + 1] ?? '')]);
    const facts = { ...size, rounds, ...machine };
    return `${[
      '# The service under load',
      'Made by `node scripts/services.ts run -- npm run bench -- load --write`.',
      table(
        ['', ''],
        Object.entries(facts).map(([name, value]) => [name, String(value)]),
      ),
      EXPLAINED,
      table(['', ...columns.map(([title = '']) => title)], rows),
    ].join('\n\n')}\n`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const ROWS = [
  'uploads accepted in a second',
  'to the mail: p50, p95, p99',
  'all in',
  'memory',
  'lost',
  'MP3s',
  'mails that came twice',
  'messages left in queues',
  'a list in rest: p50, p95',
  'a list in the storm: p50, p95',
  'storm ÷ rest: p50',
  'storm ÷ rest: p95',
  'sign-ins, by status',
] as const;

function column(host: LoadHost, uploads: UploadsResult, storm: StormResult): string[] {
  const seconds = (...shares: number[]) =>
    `${shares.map((share) => (quantile(uploads.toMailMs, share) / 1_000).toFixed(1)).join(', ')} s`;
  const ms = (times: readonly number[]) =>
    `${[0.5, 0.95].map((share) => quantile(times, share).toFixed(0)).join(', ')} ms`;
  const ratio = (share: number) => {
    const value = quantile(storm.stormMs, share) / quantile(storm.quietMs, share);
    return `${value.toFixed(1)}${judged(value <= STORM_AIM)}`;
  };
  return [
    host.title,
    uploads.acceptedPerSecond.toFixed(1),
    seconds(0.5, 0.95, 0.99),
    `${uploads.allSeconds.toFixed(0)} s`,
    `${(uploads.memoryBytes / 1e6).toFixed(0)} MB`,
    `${uploads.lost}${judged(uploads.lost === 0)}`,
    `${uploads.mp3s} of ${uploads.uploads}${judged(uploads.mp3s === uploads.uploads)}`,
    `${uploads.mailsTwice}${judged(uploads.mailsTwice === 0)}`,
    `${uploads.messagesLeft}${judged(uploads.messagesLeft === 0)}`,
    ms(storm.quietMs),
    ms(storm.stormMs),
    ratio(0.5),
    ratio(0.95),
    [...storm.signIns].map(([status, count]) => `${status}: ${count}`).join(', '),
  ];
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

await runBench({ name: 'load', shortForm: '20 uploads by 5 clients', rounds: 5, measure: bench });
