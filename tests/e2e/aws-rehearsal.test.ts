import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeWorkshop, runServerless } from '../../scripts/aws/package-stage.ts';
import { newLinkSecret } from '../../scripts/start/link-secret.ts';
import { startMailPage } from '../../scripts/start/mail-page.ts';
import { freePort } from '../../scripts/start/ports.ts';
import { prepareStores } from '../../scripts/start/prepare-stores.ts';
import { generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { signedInClient } from '../support/api-client.ts';
import { mailsTo } from '../support/mailbox.ts';
import { decodedDurationSeconds, sample } from '../support/media.ts';
import { describeWithServices } from '../support/services.ts';
import { sqsReceiver } from '../support/sqs-receiver.ts';
import { tempDir } from '../support/temp-dir.ts';

const STAGE = 'rehearsal';
const PATIENCE = { timeout: 60_000, interval: 200 };

/**
 * A stage as on AWS: the params of every stage but `local`, secrets that functions read from SSM, roles,
 * alarms, queues and event sources of SQS. The emulated cloud has two addresses of its own, so these two
 * params are given; and it finds bundles of one name.
 */
await describeWithServices('a stage of AWS, rehearsed', ['emulator'], ({ emulator }) => {
  vi.stubEnv('AWS_ENDPOINT_URL', emulator);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  const base = `${emulator}/000000000000/soundlift-${STAGE}`;
  let url = '';
  let mailUrl = '';
  const cleanUps: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const directory = await tempDir('rehearsal');
    const smtpPort = await freePort();
    const pagePort = await freePort();
    const mail = await startMailPage({ smtpPort, pagePort, directory: join(directory, 'mail') });
    cleanUps.push(() => mail.stop());
    mailUrl = `http://127.0.0.1:${pagePort}`;
    const { privateJwk, publicJwk } = await generateSigningKey();
    const USERS_URL = `sqlite:${join(directory, 'users.sqlite')}`;
    await prepareStores({ USERS_URL });
    await putParameters({
      USERS_URL,
      FILES_URL: `disk:${join(directory, 'files')}`,
      CONVERSIONS_URL: `sqlite:${join(directory, 'conversions.sqlite')}`,
      MAIL_URL: `smtp://127.0.0.1:${smtpPort}`,
      TOKEN_PRIVATE_KEY: JSON.stringify(privateJwk),
      TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [publicJwk] }),
      LINK_SECRET: newLinkSecret(),
    });
    const workshop = await makeWorkshop({
      directory: join(directory, 'workshop'),
      withBundles: true,
    });
    const architecture = process.arch === 'x64' ? 'x86_64' : 'arm64';
    const params = [
      'queue=sqs',
      `architecture=${architecture}`,
      'bundleExtension=.js',
      'PUBLIC_URL=http://sound.example',
      `QUEUE_URL=sqs:${base}`,
    ].flatMap((param) => ['--param', param]);
    const stage = ['--stage', STAGE, ...params];
    const serverless = (verb: string) =>
      runServerless(`${verb} failed`, { args: [verb, ...stage], workshop, emulatorUrl: emulator });
    await serverless('deploy');
    cleanUps.push(() => serverless('remove'));
    const described = await serverless('info');
    const [, apiId] = /https:\/\/(\w+)\.execute-api/.exec(described) ?? [];
    url = `${emulator}/_aws/execute-api/${apiId}/$default`;
  }, 300_000);
  afterAll(async () => {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }, 120_000);

  test('a video becomes an MP3 of the same length, and its owner gets one mail', async () => {
    const client = await signedInClient(url, 'ada');
    const video = await sample('mp4-index-at-end');
    const { file_id: id } = await client.upload(video);
    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('ready');
    await expect.poll(() => mailsTo(mailUrl, client.email), PATIENCE).toHaveLength(1);
    const status = await client.status(id);
    const wanted = await decodedDurationSeconds(video);
    expect(Math.abs((status.duration_seconds ?? 0) - wanted)).toBeLessThan(0.1);
    const mp3 = await client.get(`/api/v1/files/${id}`);
    expect((await mp3.arrayBuffer()).byteLength).toBe(status.audio_size_bytes);
  });

  test('a video without sound ends as failed, and its owner is told', async () => {
    const client = await signedInClient(url, 'silent');
    const { file_id: id } = await client.upload(await sample('no-audio'));
    await expect.poll(async () => (await client.status(id)).status, PATIENCE).toBe('failed');
    await expect.poll(() => mailsTo(mailUrl, client.email), PATIENCE).toHaveLength(1);
  });

  test('a message that nobody understands ends among the dead letters', async () => {
    const client = new SQSClient({ endpoint: emulator });
    const QueueUrl = `${base}-video-uploaded`;
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    client.destroy();
    const receiver = sqsReceiver(base);
    const dead = await vi.waitFor(async () => {
      const received = await receiver.receive('video.uploaded.dead');
      if (received === undefined) throw new Error('nothing has come');
      return received;
    }, PATIENCE);
    expect(Buffer.from(dead.body).toString()).toBe('hello');
    expect(dead.properties.headers?.['x-reason']).toMatch(/^invalid-message: /);
    await dead.ack();
    receiver.close();
  });
});

async function putParameters(values: Readonly<Record<string, string>>): Promise<void> {
  const client = new SSMClient();
  for (const [name, Value] of Object.entries(values)) {
    const Name = `/soundlift/${STAGE}/${name}`;
    const parameter = { Name, Value, Type: 'SecureString' as const, Overwrite: true };
    await client.send(new PutParameterCommand(parameter));
  }
  client.destroy();
}
