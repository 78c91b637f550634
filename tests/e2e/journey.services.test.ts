import { afterAll, beforeAll } from 'vitest';
import { REAL_SERVICES, realStores } from '../support/real-stores.ts';
import { type RunningService, startService } from '../support/running-service.ts';
import { describeWithServices } from '../support/services.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareJourney } from './journey.ts';

await describeWithServices('the journey on real services', REAL_SERVICES, (urls) => {
  const stores = realStores(urls, 'journey');
  let service: RunningService;
  beforeAll(async () => {
    const dataDirectory = await tempDir('journey-services');
    const settings = stores.settings();
    // Whichever queue a video's message is in, somebody listens.
    const services = { ...settings, QUEUE_URL: `${settings.QUEUE_URL}?shards=2` };
    service = await startService({ dataDirectory, services });
  });
  afterAll(() => service?.stop());

  declareJourney(() => ({ ...stores, url: service.url, mailUrl: stores.mailUrl() }));
});
