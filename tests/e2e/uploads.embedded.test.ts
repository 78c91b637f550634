import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { createDiskFileStore } from '../../src/adapters/files/disk.ts';
import type { FileStore } from '../../src/ports/file-store.ts';
import { type HeldFfmpeg, heldFfmpeg } from '../support/held-ffmpeg.ts';
import { ffmpegPath } from '../support/media.ts';
import { type RunningService, startService } from '../support/running-service.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareUploads } from './uploads.ts';

describe('uploads in parts on npm start', () => {
  let service: RunningService;
  let files: FileStore;
  let ffmpeg: HeldFfmpeg;
  beforeAll(async () => {
    const dataDirectory = await tempDir('uploads');
    ffmpeg = await heldFfmpeg(await tempDir('held'), ffmpegPath ?? '');
    service = await startService({ dataDirectory, ffmpegPath: ffmpeg.path });
    files = createDiskFileStore({ directory: join(dataDirectory, 'files') });
  });
  afterAll(async () => {
    await files?.dispose();
    await service?.stop();
    await ffmpeg?.dispose();
  });

  declareUploads(() => ({
    ...service,
    files,
    ffmpeg,
    restart: async () => {
      await service.kill();
      service = await startService({ ...service, ffmpegPath: ffmpeg.path });
    },
  }));
});
