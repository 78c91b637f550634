import type { Collection } from 'mongodb';
import { type Conversion, dueAt } from '../../domain/conversion.ts';
import type { ConversionStore } from '../../ports/conversion-store.ts';
import { connectMongo, isDuplicateKey } from '../mongo-connection.ts';
import { pageOf } from './page.ts';

/** The record as it is, its id as `_id`, and beside it the time by which *janitor* finds it. */
type ConversionDocument = Omit<Conversion, 'id'> & {
  readonly _id: string;
  readonly dueAt?: Date | undefined;
};

/** Records as documents in the collection `conversions` of the database that the URL names. */
export function createMongoConversionStore(options: {
  readonly url: string;
  readonly timeoutMs?: number | undefined;
}): ConversionStore {
  const connection = connectMongo({
    url: options.url,
    timeoutMs: options.timeoutMs ?? 10_000,
    part: 'conversions',
    prepare: (db) =>
      db
        .collection<ConversionDocument>('conversions')
        .createIndexes([
          { key: { 'owner.userId': 1, _id: -1 } },
          { key: { 'owner.userId': 1, state: 1, _id: -1 } },
          { key: { dueAt: 1 } },
        ]),
  });

  const run = <T>(work: (conversions: Collection<ConversionDocument>) => Promise<T>) =>
    connection.run((db) => work(db.collection<ConversionDocument>('conversions')));

  return {
    async create(conversion) {
      const taken = await run(async (conversions) => {
        try {
          await conversions.insertOne(toDocument(conversion));
          return false;
        } catch (error) {
          if (isDuplicateKey(error)) return true;
          throw error;
        }
      });
      if (taken) throw new Error(`there is a conversion ${conversion.id} already`);
    },
    async find(id) {
      const document = await run((conversions) => conversions.findOne({ _id: id }));
      return document ? toConversion(document) : undefined;
    },
    async findAll(ids) {
      const documents = await run((conversions) =>
        conversions.find({ _id: { $in: [...ids] } }).toArray(),
      );
      return documents.map(toConversion);
    },
    async listByOwner(userId, { limit, before, states }) {
      const documents = await run((conversions) =>
        conversions
          .find({
            'owner.userId': userId,
            state: { $ne: 'deleting', ...(states && { $in: states }) },
            ...(before !== undefined && { _id: { $lt: before } }),
          })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .toArray(),
      );
      return pageOf(documents.map(toConversion), limit);
    },
    async replace(next) {
      const { _id, ...document } = toDocument(next);
      const { matchedCount } = await run((conversions) =>
        conversions.replaceOne({ _id, revision: next.revision - 1 }, document),
      );
      return matchedCount === 1;
    },
    async remove(id) {
      await run((conversions) => conversions.deleteOne({ _id: id }));
    },
    async listDue(now, limit) {
      const documents = await run((conversions) =>
        conversions
          .find({ dueAt: { $lte: now } })
          .sort({ dueAt: 1 })
          .limit(limit)
          .toArray(),
      );
      return documents.map(toConversion);
    },
    async ping() {
      await connection.run((db) => db.command({ ping: 1 }));
    },
    dispose: () => connection.dispose(),
  };
}

/** Absent fields stay absent: the connection leaves out what is `undefined`. */
function toDocument({ id, ...record }: Conversion): ConversionDocument {
  return { _id: id, ...record, dueAt: dueAt({ id, ...record }) };
}

function toConversion({ _id, dueAt: _, ...record }: ConversionDocument): Conversion {
  return { id: _id, ...record };
}
