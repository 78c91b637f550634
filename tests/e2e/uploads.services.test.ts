import { afterAll, beforeAll } from 'vitest';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { type HeldFfmpeg, heldFfmpeg } from '../support/held-ffmpeg.ts';
import { ffmpegPath } from '../support/media.ts';
import { REAL_SERVICES, realStores } from '../support/real-stores.ts';
import {
  type RunningService,
  type ServiceOptions,
  startService,
} from '../support/running-service.ts';
import { describeWithServices } from '../support/services.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareUploads } from './uploads.ts';

await describeWithServices('uploads in parts on real services', REAL_SERVICES, (urls) => {
  const stores = realStores(urls, 'uploads');
  let service: RunningService;
  let files: FileStore;
  let ffmpeg: HeldFfmpeg;
  const start = (given: Pick<ServiceOptions, 'dataDirectory' | 'ports'>) =>
    startService({ ...given, services: stores.settings(), ffmpegPath: ffmpeg.path });
  beforeAll(async () => {
    ffmpeg = await heldFfmpeg(await tempDir('held'), ffmpegPath ?? '');
    service = await start({ dataDirectory: await tempDir('uploads-services') });
    files = createGridfsFileStore({ url: stores.settings().FILES_URL });
  });
  afterAll(async () => {
    await files?.dispose();
    await service?.stop();
    await ffmpeg?.dispose();
  });

  declareUploads(() => ({
    url: service.url,
    mailUrl: stores.mailUrl(),
    files,
    ffmpeg,
    restart: async () => {
      await service.kill();
      service = await start(service);
    },
  }));
});
