import { beforeAll } from 'vitest';
import { REAL_SERVICES, realStores } from '../support/real-stores.ts';
import { type ServicePorts, startService } from '../support/running-service.ts';
import { describeWithServices } from '../support/services.ts';
import { tempDir } from '../support/temp-dir.ts';
import { declareConverterKilled } from './converter-killed.ts';

await describeWithServices('on real services', REAL_SERVICES, (urls) => {
  const stores = realStores(urls, 'killed');
  let dataDirectory: string;
  let ports: ServicePorts | undefined;
  beforeAll(async () => {
    dataDirectory = await tempDir('killed-services');
  });

  declareConverterKilled({
    async start() {
      const service = await startService({ dataDirectory, ports, services: stores.settings() });
      ports = service.ports;
      return service;
    },
    mailUrl: () => stores.mailUrl(),
    countFiles: async () => ({
      videos: await stores.mongo.collection('videos.files').countDocuments(),
      mp3s: await stores.mongo.collection('mp3s.files').countDocuments(),
    }),
    countMessages: () => stores.countMessages(),
  });
});
