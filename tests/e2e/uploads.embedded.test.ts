import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { type RunningService, startService } from '../support/running-service.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareUploads } from './uploads.ts';

describe('uploads in parts on npm start', () => {
  let service: RunningService;
  let files: FileStore;
  beforeAll(async () => {
    const dataDirectory = await tempDir('uploads');
    service = await startService({ dataDirectory });
    files = createDiskFileStore({ directory: join(dataDirectory, 'files') });
  });
  afterAll(async () => {
    await files?.dispose();
    await service?.stop();
  });

  declareUploads(() => ({
    ...service,
    files,
    restart: async () => {
      await service.kill();
      service = await startService(service);
    },
  }));
});
