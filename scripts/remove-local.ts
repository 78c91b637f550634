/** `npm run remove:local`: takes the stage off the emulated cloud. */
import { awsEnvironment, emulatorUrl, expectEmulator } from './stage/emulator-url.ts';
import { findHttpApi } from './stage/find-http-api.ts';
import { STACK, stageArguments } from './stage/local-stage.ts';
import { abortedByUser, runServerless } from './stage/run-serverless.ts';
import { loadDotEnv, RUN_SETTINGS } from './start/environment.ts';
import { runScript } from './start/run-script.ts';
import { untilStopIsAsked } from './start/until-stop-is-asked.ts';

const HELP = `Removes what \`npm run deploy:local\` has deployed to the emulated cloud. What is in MySQL, MongoDB and
RabbitMQ stays there.

  npm run remove:local

Settings (environment, .env):
  EMULATOR_URL     ${RUN_SETTINGS.EMULATOR_URL}`;

await runScript({ help: HELP, options: {}, run });

async function run(): Promise<number> {
  loadDotEnv('.env');
  const emulator = emulatorUrl();
  await expectEmulator(emulator);
  if ((await findHttpApi(emulator, STACK)) === undefined) {
    console.log(`There is nothing to remove: ${STACK} is not deployed at ${emulator}.`);
    return 0;
  }
  const interruption = abortedByUser(untilStopIsAsked());
  await runServerless(['remove', ...stageArguments()], awsEnvironment(emulator), interruption);
  console.log(`${STACK} is removed from ${emulator}.`);
  return 0;
}
