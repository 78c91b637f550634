import { createMongoConversionStore } from '../../src/adapters/conversions/mongo.ts';
import { mongoDatabase } from '../support/mongo-database.ts';
import { describeWithServices } from '../support/services.ts';
import { stallingProxy } from '../support/stalling-proxy.ts';
import { conversionStoreContract } from './conversion-store.contract.ts';

await describeWithServices('conversion store on MongoDB', ['mongodb'], ({ mongodb }) => {
  const { url } = mongoDatabase(mongodb, 'conversions');

  conversionStoreContract('mongo', {
    open: () => createMongoConversionStore({ url }),
    async openGone() {
      const proxy = await stallingProxy(url);
      const gone = createMongoConversionStore({ url: proxy.url, timeoutMs: 1_000 });
      await gone.ping();
      proxy.stall();
      return gone;
    },
  });
});
