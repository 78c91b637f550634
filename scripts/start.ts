/** `npm start` and `npm run start:services`: the whole service on this machine. */
import { join } from 'node:path';
import { checkSettings } from './start/check-settings.ts';
import {
  dataDirectory,
  type Environment,
  embeddedEnvironment,
  loadDotEnv,
  RUN_SETTINGS,
  servicesEnvironment,
} from './start/environment.ts';
import { readableLine } from './start/log-lines.ts';
import { startMailPage } from './start/mail-page.ts';
import { startOfflineHost } from './start/offline-host.ts';
import { expectFree, freePort, portSetting, type WantedPort } from './start/ports.ts';
import { prepareStores } from './start/prepare-stores.ts';
import { runScript } from './start/run-script.ts';
import { startStream } from './start/start-stream.ts';
import { untilStopIsAsked } from './start/until-stop-is-asked.ts';

const HELP = `Runs Soundlift on this machine until Ctrl-C.

  npm start                  on embedded stores, with a page that shows the mails
  npm run start:services     on RabbitMQ, MongoDB, MySQL and SMTP, from .env or the environment

Settings (environment):
${Object.entries(RUN_SETTINGS)
  .map(([name, purpose]) => `  ${name.padEnd(16)} ${purpose}`)
  .join('\n')}
  All others: docs/configuration.md`;

await runScript({
  help: HELP,
  options: { services: { type: 'boolean', default: false } },
  run: ({ services }) => run(services),
});

async function run(onServices: boolean): Promise<number> {
  const startedAt = Date.now();
  if (onServices) loadDotEnv('.env');
  const port = portSetting('PORT', 3000);
  const mailPort = portSetting('MAIL_PORT', 1025);
  const mailPagePort = portSetting('MAIL_PAGE_PORT', 1080);
  const wanted: WantedPort[] = [{ port, setting: 'PORT', purpose: 'the API' }];
  if (!onServices) {
    wanted.push({ port: mailPort, setting: 'MAIL_PORT', purpose: 'the mail server' });
    wanted.push({ port: mailPagePort, setting: 'MAIL_PAGE_PORT', purpose: 'the mail page' });
  }
  await expectFree(wanted);

  const url = `http://localhost:${port}`;
  const streamPort = await freePort();
  const streamUrl = `http://127.0.0.1:${streamPort}`;
  const environment = onServices
    ? await servicesEnvironment(url, streamUrl)
    : await embeddedEnvironment(url, mailPort, streamUrl);
  checkSettings(environment);
  const stopAsked = untilStopIsAsked();
  await prepareStores(environment);
  await using started = new AsyncDisposableStack();
  if (!onServices) {
    const directory = join(dataDirectory(), 'mail');
    const mailPage = await startMailPage({ smtpPort: mailPort, pagePort: mailPagePort, directory });
    started.defer(() => mailPage.stop());
  }
  if (environment['STREAM_URL'] === streamUrl) {
    const stream = await startStream(environment, streamPort, showLine);
    started.defer(() => stream.stop());
  }
  const host = await startOfflineHost(
    { ...environment, PORT: String(port), LAMBDA_PORT: String(await freePort()) },
    `http://127.0.0.1:${port}/health`,
    showLine,
  );
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(banner({ url, mailPagePort, seconds, environment, onServices }));
  const code = await Promise.race([stopAsked, host.ended]);
  await host.stop();
  return code;
}

function showLine(line: string): void {
  const readable = readableLine(line);
  if (readable !== undefined) console.log(readable);
}

function banner(given: {
  readonly url: string;
  readonly mailPagePort: number;
  readonly seconds: string;
  readonly environment: Environment;
  readonly onServices: boolean;
}): string {
  const { url, mailPagePort, seconds, onServices } = given;
  const mail = onServices ? 'by the SMTP server of MAIL_URL' : `http://localhost:${mailPagePort}`;
  const stores = onServices ? 'the services of .env' : dataDirectory();
  return `
Soundlift is ready (${seconds} s).

  Page   ${url}/
  API    ${url}/api/v1
  Docs   ${url}/docs
  Health ${url}/health
  Mail   ${mail}
  Data   ${stores}

Ctrl-C stops it.
`;
}
