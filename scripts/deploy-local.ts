/** `npm run deploy:local`: the stage on an emulated cloud, and the event source beside it. */
import { awsEnvironment, emulatorUrl, expectEmulator } from './stage/emulator-url.ts';
import { startEventSource } from './stage/event-source.ts';
import { findHttpApi } from './stage/find-http-api.ts';
import { isFrontDoor, openFrontDoor } from './stage/front-door.ts';
import { STACK, STAGE, stageArguments } from './stage/local-stage.ts';
import { abortedByUser, runServerless } from './stage/run-serverless.ts';
import { checkSettings } from './start/check-settings.ts';
import {
  type Environment,
  loadDefaults,
  loadDotEnv,
  RUN_SETTINGS,
  servicesEnvironment,
} from './start/environment.ts';
import { expectFree, portSetting } from './start/ports.ts';
import { prepareStores } from './start/prepare-stores.ts';
import { runScript } from './start/run-script.ts';
import { untilStopIsAsked } from './start/until-stop-is-asked.ts';

const HELP = `Deploys Soundlift to the emulated cloud of \`npm run emulator\`, by serverless.yml as it is, and feeds
RabbitMQ's messages to its functions until Ctrl-C. The stage stays; \`npm run remove:local\` removes it.

  npm run deploy:local    first: docker compose up -d --wait, and npm run emulator in another terminal

While one runs, another deploys changed code and ends.

RabbitMQ, MongoDB, MySQL and SMTP are those of .env, or else of .env.example.
Settings (environment, .env):
  EMULATOR_URL     ${RUN_SETTINGS.EMULATOR_URL}
  PORT             The port where the API is given a root, for links and pages (3000).
  All others: docs/configuration.md`;

await runScript({ help: HELP, options: {}, run });

async function run(): Promise<number> {
  const startedAt = Date.now();
  loadDotEnv('.env');
  loadDefaults();
  const port = portSetting('PORT', 3000);
  const emulator = emulatorUrl();
  const environment = await servicesEnvironment(`http://localhost:${port}`);
  checkSettings(environment);
  await expectEmulator(emulator);
  const serverless = ['deploy', ...stageArguments()];
  const runsBeside = await isFrontDoor(port);
  if (!runsBeside) await expectFree([{ port, setting: 'PORT', purpose: 'the API' }]);
  const stopAsked = untilStopIsAsked();

  console.log(`Soundlift is deployed to ${emulator}:`);
  await prepare(environment);
  const stageEnvironment = { ...environment, ...awsEnvironment(emulator) };
  await runServerless(serverless, stageEnvironment, abortedByUser(stopAsked));
  const locate = async () => {
    const api = await findHttpApi(emulator, STACK);
    if (api === undefined) throw new Error(`the stage ${STAGE} is not deployed`);
    return api;
  };
  const api = await locate();
  const tell = () => {
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(banner({ port, api, seconds, environment }));
  };
  if (runsBeside) {
    tell();
    console.log('The event source of another `npm run deploy:local` goes on.\n');
    return 0;
  }
  await using started = new AsyncDisposableStack();
  const frontDoor = await openFrontDoor(port, locate);
  started.defer(() => frontDoor.close());
  const broker = environment['EVENT_BROKER_URL'] ?? '';
  const eventSource = startEventSource({ emulator, broker }, awsEnvironment(emulator), console.log);
  started.defer(() => eventSource.stop());
  tell();
  console.log('Ctrl-C stops the event source; the stage stays until npm run remove:local.\n');
  return await Promise.race([stopAsked, eventSource.ended]);
}

/** Users' tables and queues. */
async function prepare(environment: Environment): Promise<void> {
  console.log('  Preparing MySQL and RabbitMQ …');
  try {
    await prepareStores(environment);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      `USERS_URL or QUEUE_URL cannot be used: ${reason}\nWith those of .env.example: docker compose up -d --wait`,
      { cause },
    );
  }
}

function banner(given: {
  readonly port: number;
  readonly api: URL;
  readonly seconds: string;
  readonly environment: Environment;
}): string {
  const { port, api, seconds, environment } = given;
  const url = `http://localhost:${port}`;
  const isMailpit = environment['MAIL_URL'] === 'smtp://127.0.0.1:1025';
  return `
Soundlift is ready (${seconds} s).

  Page     ${url}/
  API      ${url}/api/v1
  Docs     ${url}/docs
  Health   ${url}/health
  Mail     ${isMailpit ? 'http://localhost:1080' : 'by the SMTP server of MAIL_URL'}
  HTTP API ${api.href}
`;
}
