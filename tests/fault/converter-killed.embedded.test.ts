import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { countEmbeddedMessages } from '../support/embedded-messages.ts';
import {
  type RunningService,
  type ServicePorts,
  startService,
} from '../support/running-service.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareConverterKilled } from './converter-killed.ts';

describe('on npm start', () => {
  let dataDirectory: string;
  let ports: ServicePorts | undefined;
  beforeAll(async () => {
    dataDirectory = await tempDir('killed');
  });
  const count = async (bucket: string) =>
    (await readdir(join(dataDirectory, 'files', bucket))).length;

  declareConverterKilled({
    async start(): Promise<RunningService> {
      const service = await startService({ dataDirectory, ports });
      ports = service.ports;
      return service;
    },
    mailUrl: (service) => service.mailUrl,
    countFiles: async () => ({ videos: await count('videos'), mp3s: await count('mp3s') }),
    countMessages: async () => countEmbeddedMessages(dataDirectory),
  });
});
