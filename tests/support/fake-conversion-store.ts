import { pageOf } from '../../src/adapters/conversions/page.ts';
import { type Conversion, dueAt, isCancellable } from '../../src/domain/conversion.ts';
import { Unavailable } from '../../src/domain/errors.ts';
import { type Begun, QUOTA_WINDOW_MS, storedBytes } from '../../src/domain/quota.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';

export interface FakeConversionStore extends ConversionStore {
  /** From here on nothing answers. */
  breakDown(): void;
}

/** Records in memory. Give two of them one map and they share their storage. */
export function fakeConversionStore(
  records = new Map<string, Conversion>(),
  begun = new Map<string, Begun>(),
): FakeConversionStore {
  let state: 'working' | 'broken' | 'disposed' = 'working';

  function all(): Map<string, Conversion> {
    if (state === 'broken') throw new Unavailable('conversions');
    if (state === 'disposed') throw new Error('the store of conversions has been disposed of');
    return records;
  }

  return {
    async create(conversion) {
      if (all().has(conversion.id))
        throw new Error(`there is a conversion ${conversion.id} already`);
      records.set(conversion.id, copyOf(conversion));
    },
    async find(id) {
      const found = all().get(id);
      return found && copyOf(found);
    },
    async findAll(ids) {
      return [...all().values()].filter(({ id }) => ids.includes(id)).map(copyOf);
    },
    async listByOwner(userId, { limit, before, states }) {
      const found = [...all().values()]
        .filter(({ owner, state }) => owner.userId === userId && state !== 'deleting')
        .filter(({ state }) => states?.includes(state) ?? true)
        .filter(({ id }) => before === undefined || id < before)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit + 1);
      return pageOf(found.map(copyOf), limit);
    },
    async replace(next) {
      if (all().get(next.id)?.revision !== next.revision - 1) return false;
      records.set(next.id, copyOf(next));
      return true;
    },
    async remove(id) {
      all().delete(id);
    },
    async listDue(now, limit) {
      return [...all().values()]
        .flatMap((record) => ({
          record,
          dueMs: dueAt(record)?.getTime() ?? Number.POSITIVE_INFINITY,
        }))
        .filter(({ dueMs }) => dueMs <= now.getTime())
        .sort((a, b) => a.dueMs - b.dueMs)
        .slice(0, limit)
        .map(({ record }) => copyOf(record));
    },
    async usageOf(userId, upTo) {
      const own = [...all().values()].filter(
        ({ id, owner }) => owner.userId === userId && (upTo === undefined || id <= upTo),
      );
      return {
        storedBytes: own.reduce((sum, record) => sum + storedBytes(record), 0),
        underWay: own.filter(isCancellable).length,
      };
    },
    async countBegun(userId, now) {
      all();
      const { count, until } = begun.get(userId) ?? { count: 0, until: now };
      const isOver = until <= now;
      const next = {
        count: isOver ? 1 : count + 1,
        until: isOver ? new Date(now.getTime() + QUOTA_WINDOW_MS) : until,
      };
      begun.set(userId, next);
      return next;
    },
    async ping() {
      all();
    },
    async dispose() {
      state = 'disposed';
    },
    breakDown() {
      state = 'broken';
    },
  };
}

/** Fields that are `undefined` are left out, as the real stores do. */
function copyOf(conversion: Conversion): Conversion {
  return withoutUndefined(structuredClone(conversion));
}

function withoutUndefined<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const [field, inner] of Object.entries(value)) {
    if (inner === undefined) Reflect.deleteProperty(value, field);
    else withoutUndefined(inner);
  }
  return value;
}
