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
});
