import { createMongoConversionStore } from '../../src/adapters/conversions/mongo.ts';
import { createGridfsFileStore } from '../../src/adapters/files/gridfs.ts';
import { mongoDatabase } from '../support/mongo-database.ts';
import { describeWithServices } from '../support/services.ts';
import { orphanedFilesContract } from './orphaned-files.contract.ts';

await describeWithServices('orphaned files on MongoDB', ['mongodb'], ({ mongodb }) => {
  const { url } = mongoDatabase(mongodb, 'orphans');

  orphanedFilesContract('gridfs', () => ({
    files: createGridfsFileStore({ url }),
    conversions: createMongoConversionStore({ url }),
  }));
});
