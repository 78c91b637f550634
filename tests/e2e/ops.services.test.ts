import { connect } from 'amqplib';
import { expect, test } from 'vitest';
import { startProgram } from '../support/program.ts';
import { REAL_SERVICES, realStores } from '../support/real-stores.ts';
import { describeWithServices } from '../support/services.ts';
import { tempDir } from '../support/temp-dir.ts';
import { opsSuite } from './ops.ts';

const data = await tempDir('ops');

await describeWithServices('npm run ops on real services', REAL_SERVICES, (urls) => {
  const stores = realStores(urls, 'ops');
  opsSuite({
    settings: stores.settings,
    environment: () => ({ ...stores.settings(), DATA_DIR: data }),
    place: /^Looking at the services of the environment and \.env: mongodb:\/\/.*amqp:\/\//,
    parts: [
      'settings of notifier',
      'users \\(MySQL\\)',
      'files \\(MongoDB\\)',
      'conversions \\(MongoDB\\)',
      'queue \\(RabbitMQ\\)',
      'queues',
      'mail \\(SMTP\\)',
      'ffmpeg',
    ],
  });

  test('doctor fails where a queue was declared otherwise, and says what to do', async () => {
    const connection = await connect(stores.settings().QUEUE_URL);
    const channel = await connection.createChannel();
    await channel.deleteQueue('conversion.failed');
    await channel.assertQueue('conversion.failed', { durable: true });
    await connection.close();
    const env = { ...stores.settings(), DATA_DIR: data };
    const program = await startProgram({ args: ['scripts/ops.ts', 'doctor'], env }, '');
    expect(await program.ended).toBe(1);
    expect(program.output()).toMatch(/^fail +queues .*conversion\.failed.*\n +→ .*delete it/m);
  });
});
