import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Conversion,
  deleting,
  isCancellable,
  OVERDUE_AFTER_MS,
  UPLOAD_TIMEOUT_MS,
} from '../../src/domain/conversion.ts';
import { QUOTA_WINDOW_MS, storedBytes } from '../../src/domain/quota.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import { fullConversion, later, NOW, someConversion } from '../support/conversions.ts';

export interface ConversionStoreHarness {
  /** Another store on the same storage. */
  open(): ConversionStore;
  /** A store whose storage does not answer. */
  openGone(): Promise<ConversionStore>;
}

/** The promises of `ConversionStore`. */
export function conversionStoreContract(name: string, harness: ConversionStoreHarness): void {
  describe(`${name} conversion store`, () => {
    const store = harness.open();
    afterAll(() => store.dispose());

    describe('create and find', () => keepsRecords(harness, store));
    describe('replace', () => comparesAndSets(harness, store));
    describe('listByOwner', () => listsByOwner(store));
    describe('listDue', () => listsWhatIsDue(store));
    describe('usageOf', () => addsUpUsage(store));
    describe('countBegun', () => countsWhatIsBegun(harness, store));
    describe('faults', () => saysWhenItCannot(harness, store));
  });
}

function keepsRecords(harness: ConversionStoreHarness, store: ConversionStore): void {
  it('gives a record with every field back as it was given', async () => {
    const given = fullConversion();
    await store.create(given);
    expect(await store.find(given.id)).toStrictEqual(given);
  });

  it('gives those of many that are there', async () => {
    const given = [fullConversion(), someConversion()];
    for (const record of given) await store.create(record);
    const ids = given.map(({ id }) => id);
    const found = await store.findAll([...ids, randomUUID()]);
    expect(found.sort((a, b) => (a.id < b.id ? -1 : 1))).toStrictEqual(given);
    expect(await store.findAll([])).toEqual([]);
  });

  it('gives a record without optional fields back without them', async () => {
    const given = someConversion();
    await store.create(given);
    expect(await store.find(given.id)).toStrictEqual(given);
  });

  it('gives a record from before there were histories back without one', async () => {
    const { history, ...old } = someConversion();
    await store.create(old);
    expect(history).toHaveLength(1);
    expect(await store.find(old.id)).toStrictEqual(old);
  });

  it('leaves out fields that are undefined, at any depth', async () => {
    const given = someConversion({
      options: { bitrateKbps: undefined },
      lease: undefined,
      source: { audioCodec: 'mp3', durationSeconds: undefined },
    });
    await store.create(given);
    const found = await store.find(given.id);
    expect(found).not.toHaveProperty('lease');
    expect(found?.options).toStrictEqual({});
    expect(found?.source).toStrictEqual({ audioCodec: 'mp3' });
  });

  it('refuses an id that is taken, and keeps what is there', async () => {
    const given = someConversion();
    await store.create(given);
    await expect(store.create({ ...given, attempts: 9 })).rejects.toThrow(
      `a conversion ${given.id} already`,
    );
    expect(await store.find(given.id)).toStrictEqual(given);
  });

  it('removes a record, and does not mind when there is none', async () => {
    const given = someConversion();
    await store.create(given);
    await store.remove(given.id);
    expect(await store.find(given.id)).toBeUndefined();
    await store.remove(given.id);
  });

  it('keeps what it has answered over a restart', async () => {
    const given = fullConversion();
    const before = harness.open();
    await before.create(given);
    await before.dispose();
    const after = harness.open();
    expect(await after.find(given.id)).toStrictEqual(given);
    await after.dispose();
  });
}

function comparesAndSets(harness: ConversionStoreHarness, store: ConversionStore): void {
  const next = (record: Conversion, change: Partial<Conversion>): Conversion => ({
    ...record,
    ...change,
    revision: record.revision + 1,
  });

  it('stores the next revision', async () => {
    const first = fullConversion();
    await store.create(first);
    const second = next(first, { state: 'expired', lease: undefined, expiresAt: undefined });
    expect(await store.replace(second)).toBe(true);
    const { lease, expiresAt, ...kept } = second;
    expect(await store.find(first.id)).toStrictEqual(kept);
  });

  it('stores nothing onto another revision', async () => {
    const first = someConversion();
    await store.create(first);
    await store.replace(next(first, { attempts: 1 }));
    expect(await store.replace(next(first, { attempts: 2 }))).toBe(false);
    expect(await store.replace({ ...first, revision: 3 })).toBe(false);
    expect((await store.find(first.id))?.attempts).toBe(1);
  });

  it('stores nothing when there is no such record', async () => {
    const absent = someConversion();
    expect(await store.replace(next(absent, {}))).toBe(false);
    expect(await store.find(absent.id)).toBeUndefined();
  });

  it('lets exactly one of many succeed that replace one revision at the same time', async () => {
    const first = someConversion();
    await store.create(first);
    const stores = [store, harness.open(), harness.open()];
    const results = await Promise.all(
      Array.from({ length: 30 }, async (_, attempts) => {
        const replaced = await stores[attempts % 3]?.replace(next(first, { attempts }));
        return replaced ? [attempts] : [];
      }),
    );
    const winners = results.flat();
    expect(winners).toHaveLength(1);
    expect((await store.find(first.id))?.attempts).toBe(winners[0]);
    await Promise.all(stores.slice(1).map((other) => other.dispose()));
  });
}

function listsByOwner(store: ConversionStore): void {
  /** Creates as many records of one new owner; the ids, newest first. */
  async function recordsOf(userId: string, count: number): Promise<string[]> {
    const owner = { userId, email: 'ada@example.org' };
    const records = Array.from({ length: count }, () => someConversion({ owner }));
    for (const record of records) await store.create(record);
    return records.map(({ id }) => id).reverse();
  }

  it('pages through the records of one owner, newest first', async () => {
    const userId = randomUUID();
    const ids = await recordsOf(userId, 5);
    await recordsOf(randomUUID(), 2);
    const pages: string[][] = [];
    let before: string | undefined;
    do {
      const page = await store.listByOwner(userId, { limit: 2, before });
      pages.push(page.items.map(({ id }) => id));
      before = page.next;
    } while (before !== undefined);
    expect(pages).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  });

  it('has no next page when the last one is full', async () => {
    const userId = randomUUID();
    await recordsOf(userId, 2);
    const page = await store.listByOwner(userId, { limit: 2 });
    expect(page.items).toHaveLength(2);
    expect(page).not.toHaveProperty('next');
  });

  it('gives whole records, and none to who has none', async () => {
    const given = {
      ...fullConversion(),
      owner: { userId: randomUUID(), email: 'eve@example.org' },
    };
    await store.create(given);
    const page = await store.listByOwner(given.owner.userId, { limit: 10 });
    expect(page).toStrictEqual({ items: [given] });
    expect(await store.listByOwner(randomUUID(), { limit: 10 })).toStrictEqual({ items: [] });
  });

  it('pages through those in the states that are asked for', async () => {
    const owner = { userId: randomUUID(), email: 'ada@example.org' };
    const states = ['ready', 'queued', 'failed', 'ready', 'queued', 'ready', 'deleting'] as const;
    const records = states.map((state) => someConversion({ owner, state }));
    for (const record of records) await store.create(record);
    const newestFirst = records.toReversed();
    const listed = async (wanted: Conversion['state'][], limit: number) => {
      const pages: string[][] = [];
      let before: string | undefined;
      do {
        const page = await store.listByOwner(owner.userId, { limit, before, states: wanted });
        pages.push(page.items.map(({ id }) => id));
        before = page.next;
      } while (before !== undefined);
      return pages;
    };
    const idsIn = (...wanted: Conversion['state'][]) =>
      newestFirst.filter(({ state }) => wanted.includes(state)).map(({ id }) => id);

    const ready = idsIn('ready');
    expect(await listed(['ready'], 2)).toEqual([ready.slice(0, 2), ready.slice(2)]);
    expect(await listed(['ready'], 3)).toEqual([ready]);
    const both = idsIn('ready', 'failed');
    expect(await listed(['ready', 'failed'], 3)).toEqual([both.slice(0, 3), both.slice(3)]);
    expect(await listed(['cancelled'], 3)).toEqual([[]]);
    expect(await listed(['deleting'], 3)).toEqual([[]]);
    expect(await listed([], 3)).toEqual([[]]);
  });

  it('goes on behind a record that has left the state', async () => {
    const userId = randomUUID();
    const [newest = '', ...others] = await recordsOf(userId, 3);
    const wanted = { limit: 1, states: ['uploading' as const] };
    const { next } = await store.listByOwner(userId, wanted);
    expect(next).toBe(newest);
    const record = await store.find(newest);
    if (record) await store.replace(deleting(record, later(1)));
    const page = await store.listByOwner(userId, { ...wanted, limit: 2, before: next });
    expect(page.items.map(({ id }) => id)).toEqual(others);
  });

  it('does not list what is being deleted', async () => {
    const userId = randomUUID();
    const [newest = '', ...others] = await recordsOf(userId, 3);
    const record = await store.find(newest);
    if (record) await store.replace(deleting(record, later(1)));
    const page = await store.listByOwner(userId, { limit: 2 });
    expect(page.items.map(({ id }) => id)).toEqual(others);
    expect(page).not.toHaveProperty('next');
  });
}

function listsWhatIsDue(store: ConversionStore): void {
  // Long before every other record of this suite, so that those are not due yet.
  const longAgo = new Date('2001-01-01T00:00:00Z');
  const hence = (delayMs: number) => new Date(longAgo.getTime() + delayMs);
  const idsDue = async (now: Date, limit = 100) =>
    (await store.listDue(now, limit)).map(({ id }) => id);

  it('lists by the time that the domain says, the longest overdue first', async () => {
    const uploading = someConversion({ updatedAt: longAgo });
    const owing = someConversion({ state: 'queued', outbox: 'video.uploaded', updatedAt: longAgo });
    const done = someConversion({ state: 'expired', updatedAt: longAgo });
    const leased = someConversion({
      state: 'converting',
      lease: { token: 'token-1', until: hence(5) },
      updatedAt: longAgo,
    });
    for (const record of [uploading, owing, done, leased]) await store.create(record);

    expect(await idsDue(hence(4))).toEqual([]);
    expect(await idsDue(hence(5))).toEqual([leased.id]);
    expect(await idsDue(hence(OVERDUE_AFTER_MS - 1))).toEqual([leased.id]);
    expect(await idsDue(hence(OVERDUE_AFTER_MS))).toEqual([leased.id, owing.id]);
    const all = [leased.id, owing.id, uploading.id];
    expect(await idsDue(hence(UPLOAD_TIMEOUT_MS))).toEqual(all);
    expect(await idsDue(hence(UPLOAD_TIMEOUT_MS), 2)).toEqual(all.slice(0, 2));
    expect(await store.listDue(hence(5), 1)).toStrictEqual([leased]);

    await store.replace({ ...leased, revision: 1, lease: { token: 'token-1', until: NOW } });
    await store.remove(owing.id);
    expect(await idsDue(hence(UPLOAD_TIMEOUT_MS))).toEqual([uploading.id]);
    for (const { id } of [uploading, done, leased]) await store.remove(id);
  });
}

function addsUpUsage(store: ConversionStore): void {
  it('adds up what is kept for one owner, and counts what has not ended', async () => {
    const owner = { userId: randomUUID(), email: 'ada@example.org' };
    expect(await store.usageOf(owner.userId)).toEqual({ storedBytes: 0, underWay: 0 });
    const video = { fileName: 'a.mp4', sizeBytes: 3_000_000_000 };
    const given = [
      ...(['uploading', 'queued', 'converting', 'cancelled'] as const).map((state) =>
        someConversion({ owner, state, video }),
      ),
      { ...fullConversion(), owner },
      someConversion({ owner, state: 'expired', audio: fullConversion().audio }),
    ];
    for (const record of given) await store.create(record);
    await store.create(someConversion({ video }));
    const readyBytes = 5_001_440_000;
    const usage = { storedBytes: 9_000_000_000 + readyBytes, underWay: 3 };
    expect(await store.usageOf(owner.userId)).toStrictEqual(usage);

    const inOrder = given.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    for (const [index, { id }] of inOrder.entries()) {
      const upTo = inOrder.slice(0, index + 1);
      expect(await store.usageOf(owner.userId, id)).toStrictEqual({
        storedBytes: upTo.reduce((sum, record) => sum + storedBytes(record), 0),
        underWay: upTo.filter(isCancellable).length,
      });
    }

    const [uploading, second, third] = given;
    if (!uploading || !second || !third) throw new Error('not enough records');
    await store.replace(deleting(uploading, NOW));
    await store.replace({ ...second, revision: second.revision + 1, state: 'expired' });
    await store.remove(third.id);
    expect(await store.usageOf(owner.userId)).toEqual({ storedBytes: readyBytes, underWay: 0 });
  });
}

function countsWhatIsBegun(harness: ConversionStoreHarness, store: ConversionStore): void {
  const until = later(QUOTA_WINDOW_MS);

  it('counts by owner, from the first one on until a day is over', async () => {
    const userId = randomUUID();
    expect(await store.countBegun(userId, NOW)).toStrictEqual({ count: 1, until });
    expect(await store.countBegun(userId, later(5))).toStrictEqual({ count: 2, until });
    expect(await store.countBegun(randomUUID(), NOW)).toMatchObject({ count: 1 });
    const lastMoment = later(QUOTA_WINDOW_MS - 1);
    expect(await store.countBegun(userId, lastMoment)).toStrictEqual({ count: 3, until });
    expect(await store.countBegun(userId, until)).toStrictEqual({
      count: 1,
      until: later(2 * QUOTA_WINDOW_MS),
    });
  });

  it('gives each of many at the same time a count of its own', async () => {
    const userId = randomUUID();
    const stores = Array.from({ length: 4 }, () => harness.open());
    for (const now of [NOW, until]) {
      const calls = Array.from({ length: 20 }, (_, index) => stores[index % 4] ?? store);
      const counted = await Promise.all(calls.map((each) => each.countBegun(userId, now)));
      const counts = counted.map(({ count }) => count).sort((a, b) => a - b);
      expect(counts).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    }
    await Promise.all(stores.map((each) => each.dispose()));
  });
}

function saysWhenItCannot(harness: ConversionStoreHarness, store: ConversionStore): void {
  it('answers a ping', () => store.ping());

  it('is unavailable when the storage does not answer', async () => {
    const gone = await harness.openGone();
    const unavailable = { code: 'unavailable', part: 'conversions', retry: 'later' };
    const record = someConversion({ revision: 1 });
    const calls = [
      () => gone.ping(),
      () => gone.create(record),
      () => gone.find(record.id),
      () => gone.listByOwner('user-1', { limit: 1 }),
      () => gone.replace(record),
      () => gone.remove(record.id),
      () => gone.listDue(NOW, 1),
      () => gone.usageOf('user-1'),
      () => gone.countBegun('user-1', NOW),
    ];
    await Promise.all(calls.map((call) => expect(call()).rejects.toMatchObject(unavailable)));
    await gone.dispose();
  });

  it('is of no use after dispose', async () => {
    const other = harness.open();
    await other.ping();
    await other.dispose();
    await other.dispose();
    await expect(other.find(randomUUID())).rejects.toThrow('disposed');
  });
}
