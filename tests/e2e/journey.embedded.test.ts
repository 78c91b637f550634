import { afterAll, beforeAll, describe } from 'vitest';
import { countEmbeddedMessages } from '../support/embedded-messages.ts';
import { type RunningService, startService } from '../support/running-service.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareApiDocJourney } from './api-doc.ts';
import { declareJourney } from './journey.ts';
import { declareReadmeJourney } from './readme.ts';

describe('the journey on npm start', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService({ dataDirectory: await tempDir('journey') });
  });
  afterAll(() => service?.stop());

  const host = () => ({
    ...service,
    countMessages: async () => countEmbeddedMessages(service.dataDirectory),
  });
  declareReadmeJourney(host);
  declareApiDocJourney(host);
  declareJourney(host);
});
