import { afterAll, beforeAll, describe } from 'vitest';
import { type InProcessService, startInProcess } from '../support/in-process-service.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareJourney } from './journey.ts';

const directory = await tempDir('in-process');

describe('the journey in process', () => {
  let service: InProcessService;
  beforeAll(async () => {
    service = await startInProcess(directory);
  });
  afterAll(() => service?.stop());

  declareJourney(() => service);
});
