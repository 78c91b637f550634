import { afterAll, beforeAll, expect, test } from 'vitest';
import { lackOfPython } from '../../scripts/emulator/lack-of-python.ts';
import { lackOfLayer } from '../../scripts/stage/local-stage.ts';
import { signedInClient } from '../support/api-client.ts';
import { type DeployedStage, deployStage } from '../support/deployed-stage.ts';
import { faultyLine } from '../support/faulty-line.ts';
import { mailsTo } from '../support/mailbox.ts';
import { sample } from '../support/media.ts';
import { isAlive, processTree } from '../support/processes.ts';
import { REAL_SERVICES, realStores } from '../support/real-stores.ts';
import { describeWithServices } from '../support/services.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareJourney } from './journey.ts';

const PATIENCE = { timeout: 240_000, interval: 500 };
const directory = await tempDir('stage');

await describeWithServices(
  'the journey on a deployed stage',
  REAL_SERVICES,
  declareStage,
  lackOfLayer(),
  await lackOfPython(),
);

function declareStage(urls: Parameters<typeof realStores>[0]): void {
  const stores = realStores(urls, 'stage');
  const filesUrl = stores.settings().FILES_URL;
  const files = faultyLine(filesUrl);
  let stage: DeployedStage;
  beforeAll(async () => {
    stage = await deployStage(directory, {
      ...stores.settings(),
      FILES_URL: files.urlOf(filesUrl),
    });
  }, 300_000);
  afterAll(async () => {
    await stage?.deployment.stop();
    await stage?.emulator.stop();
  });

  const health = async () => await (await fetch(`${stage.url}/health`)).json();

  declareJourney(() => ({ ...stores, url: stage.url, mailUrl: stores.mailUrl() }));

  test('a deployment of changed code while a video is converted does not lose it', async () => {
    const client = await signedInClient(stage.url, 'redeploy');
    // In every function; and for everyone to see.
    await stage.change(
      'src/logger.ts',
      '{ function: given.name }',
      '{ function: given.name, no: 2 }',
    );
    await stage.change(
      'functions/gateway/check-health.ts',
      'return { status:',
      'return { no: 2, status:',
    );
    expect(await health()).not.toHaveProperty('no');

    // Its six megabytes take the converter longer to read than a deployment takes.
    files.limit(60_000);
    const { file_id: id } = await client.upload(await sample('long-sound'));
    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('converting');
    expect(await stage.deploy()).toContain(
      'event source of another `npm run deploy:local` goes on',
    );
    expect((await client.status(id)).status).not.toBe('ready');
    files.limit(Number.POSITIVE_INFINITY);
    expect(await health()).toHaveProperty('no', 2);

    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');
    expect((await client.status(id)).attempts).toBe(2);
    const mails = () => mailsTo(stores.mailUrl(), client.email);
    await expect.poll(mails, PATIENCE).toHaveLength(1);
    await expect.poll(() => stores.countMessages(), PATIENCE).toBe(0);
  }, 400_000);

  test('a stage is removed, and no process is left', async () => {
    expect(await stage.remove()).toContain('is removed');
    expect((await fetch(`${stage.url}/health`)).status).toBe(502);
    expect(await stage.remove()).toContain('nothing to remove');

    const { deployment, emulator } = stage;
    const processes = [
      ...(await processTree(deployment.pid)),
      ...(await processTree(emulator.pid)),
    ];
    expect(processes.length).toBeGreaterThan(3);
    expect([await deployment.stop(), await emulator.stop()]).toEqual([0, 0]);
    await expect.poll(() => processes.filter(isAlive), { timeout: 20_000 }).toEqual([]);
  }, 120_000);
}
