import { afterAll, beforeAll } from 'vitest';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { REAL_SERVICES, realStores } from '../support/real-stores.ts';
import { type RunningService, startService } from '../support/running-service.ts';
import { describeWithServices } from '../support/services.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareUploads } from './uploads.ts';

await describeWithServices('uploads in parts on real services', REAL_SERVICES, (urls) => {
  const stores = realStores(urls, 'uploads');
  let service: RunningService;
  let files: FileStore;
  beforeAll(async () => {
    const dataDirectory = await tempDir('uploads-services');
    const settings = stores.settings();
    service = await startService({ dataDirectory, services: settings });
    files = createGridfsFileStore({ url: settings['FILES_URL'] ?? '' });
  });
  afterAll(async () => {
    await files?.dispose();
    await service?.stop();
  });

  declareUploads(() => ({
    url: service.url,
    mailUrl: stores.mailUrl(),
    files,
    restart: async () => {
      await service.kill();
      service = await startService({ ...service, services: stores.settings() });
    },
  }));
});
