import type { Collection, Db } from 'mongodb';
import { type Conversion, dueAt, OPEN_STATES } from '../../domain/conversion.ts';
import { type Begun, QUOTA_WINDOW_MS, storedBytes, type Usage } from '../../domain/quota.ts';
import type { ConversionStore } from '../../ports/conversion-store.ts';
import { connectMongo, isDuplicateKey } from '../mongo-connection.ts';
import { pageOf } from './page.ts';

/**
 * The record as it is, its id as `_id`, and beside it the time by which *janitor* finds it and what it
 * takes up. A record from before there was the latter takes up nothing until it changes.
 */
type ConversionDocument = Omit<Conversion, 'id'> & {
  readonly _id: string;
  readonly dueAt?: Date | undefined;
  readonly storedBytes?: number | undefined;
};

/** How much a user has begun, the user's id as `_id`; MongoDB removes it when that is over. */
interface BegunDocument extends Begun {
  readonly _id: string;
}

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
      Promise.all([
        conversionsOf(db).createIndexes([
          { key: { 'owner.userId': 1, _id: -1 } },
          { key: { 'owner.userId': 1, state: 1, _id: -1 } },
          { key: { 'owner.userId': 1, dueAt: 1 } },
          { key: { dueAt: 1 } },
        ]),
        begunOf(db).createIndex({ until: 1 }, { expireAfterSeconds: 0 }),
      ]),
  });

  const run = <T>(work: (conversions: Collection<ConversionDocument>) => Promise<T>) =>
    connection.run((db) => work(conversionsOf(db)));

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
    async usageOf(userId, upTo) {
      const own = { 'owner.userId': userId, ...(upTo !== undefined && { _id: { $lte: upTo } }) };
      const [usage] = await run((conversions) =>
        conversions
          .aggregate<Usage>([
            // Whatever is kept is to be removed one day.
            { $match: { ...own, dueAt: { $gt: new Date(0) } } },
            { $group: { _id: null, storedBytes: { $sum: '$storedBytes' }, underWay: UNDER_WAY } },
            { $project: { _id: 0, storedBytes: 1, underWay: 1 } },
          ])
          .toArray(),
      );
      return usage ?? { storedBytes: 0, underWay: 0 };
    },
    countBegun: (userId, now) => connection.run((db) => countBegun(begunOf(db), userId, now)),
    async ping() {
      await connection.run((db) => db.command({ ping: 1 }));
    },
    dispose: () => connection.dispose(),
  };
}

const UNDER_WAY = { $sum: { $cond: [{ $in: ['$state', OPEN_STATES] }, 1, 0] } };

function conversionsOf(db: Db): Collection<ConversionDocument> {
  return db.collection('conversions');
}

function begunOf(db: Db): Collection<BegunDocument> {
  return db.collection('begun');
}

/** Goes on with a count that is not over, or begins one; of two that begin it one comes again. */
async function countBegun(
  begun: Collection<BegunDocument>,
  userId: string,
  now: Date,
): Promise<Begun> {
  for (;;) {
    const options = { returnDocument: 'after', projection: { _id: 0 } } as const;
    const isOpen = { _id: userId, until: { $gt: now } };
    const more = await begun.findOneAndUpdate(isOpen, { $inc: { count: 1 } }, options);
    if (more) return more;
    try {
      const first = { count: 1, until: new Date(now.getTime() + QUOTA_WINDOW_MS) };
      const isOver = { _id: userId, until: { $lte: now } };
      await begun.updateOne(isOver, { $set: first }, { upsert: true });
      return first;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

/** Absent fields stay absent: the connection leaves out what is `undefined`. */
function toDocument({ id, ...record }: Conversion): ConversionDocument {
  const conversion = { id, ...record };
  return {
    _id: id,
    ...record,
    dueAt: dueAt(conversion),
    storedBytes: storedBytes(conversion),
  };
}

function toConversion({
  _id,
  dueAt: _,
  storedBytes: __,
  ...record
}: ConversionDocument): Conversion {
  return { id: _id, ...record };
}
