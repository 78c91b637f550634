import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOrphanWalk } from '../../functions/janitor/remove-orphans.ts';
import { ORPHAN_AGE_MS } from '../../src/conversions/find-orphans.ts';
import { type Conversion, expired } from '../../src/domain/conversion.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import type { FileRef, FileStore } from '../../src/ports/file-store.ts';
import { inState, STATES } from '../support/conversions.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { contentOf } from '../support/generated-content.ts';

interface Stores {
  readonly files: FileStore;
  readonly conversions: ConversionStore;
}

/** That *janitor* removes every file that is nobody's, and no other, on stores as they ship. */
export function orphanedFilesContract(name: string, open: () => Stores): void {
  describe(`orphaned files on ${name}`, () => {
    const { files, conversions } = open();
    const clock = fakeClock(new Date());
    const deps = { files, conversions, clock };
    const kept: FileRef[] = [];

    beforeAll(async () => {
      for (const state of STATES) kept.push(...(await storeWith(deps, state)));
      const unfinished = await record(conversions, 'uploading', {});
      const part: FileRef = { bucket: 'videos', key: unfinished.id };
      await files.append(part, 0, contentOf(0, 10));
    });
    afterAll(async () => {
      await files.dispose();
      await conversions.dispose();
    });

    /** Twice round, wherever it has begun. */
    async function walk(): Promise<number> {
      const walkOn = createOrphanWalk(deps);
      let removed = 0;
      for (let call = 0; call < 6; call += 1) removed += (await walkOn()).removed;
      return removed;
    }

    it('are removed when they are a day old, and nothing else is', async () => {
      const orphans: FileRef[] = [
        { bucket: 'videos', key: uuidv7() },
        { bucket: 'mp3s', key: `${uuidv7()}.token` },
        // Of a record that is there, and knows nothing of this attempt.
        { bucket: 'mp3s', key: `${kept[0]?.key}.unknown` },
      ];
      for (const orphan of orphans) await files.put(orphan, contentOf(0, 10));
      const left: FileRef = { bucket: 'videos', key: uuidv7() };
      await files.append(left, 0, contentOf(0, 10));
      const foreign: FileRef = { bucket: 'videos', key: 'holiday.mp4' };
      await files.put(foreign, contentOf(0, 10));

      clock.set(new Date(Date.now() + ORPHAN_AGE_MS - 60_000));
      expect(await walk()).toBe(0);
      clock.advance(120_000);
      expect(await walk()).toBe(orphans.length + 1);
      expect(await walk()).toBe(0);

      for (const orphan of orphans) expect(await files.stat(orphan)).toBeUndefined();
      await expect(files.complete(left, 10)).rejects.toMatchObject({ code: 'not-found' });
      for (const file of [...kept, foreign]) expect(await files.stat(file)).toBeDefined();
    });

    it('are removed where the record has come to rest before them', async () => {
      const spent = await record(conversions, 'cancelled', { expiresAt: clock.now() });
      const late: FileRef = { bucket: 'videos', key: spent.id };
      await files.put(late, contentOf(0, 10));
      expect(await walk()).toBe(0);
      await conversions.replace(expired(spent, clock.now()));
      expect(await walk()).toBe(1);
    });

    it('are left where no file has a record', async () => {
      const elsewhere = createOrphanWalk({ ...deps, conversions: nowhere(conversions) });
      let suspicious = 0;
      for (let call = 0; call < 6; call += 1) {
        const report = await elsewhere();
        suspicious = Math.max(suspicious, report.suspicious);
        expect(report.removed).toBe(0);
      }
      expect(suspicious).toBeGreaterThan(9);
      for (const file of kept) expect(await files.stat(file)).toBeDefined();
    });
  });
}

/** As if CONVERSIONS_URL named another database. */
function nowhere(conversions: ConversionStore): ConversionStore {
  return { ...conversions, findAll: async () => [] };
}

async function record(
  conversions: ConversionStore,
  state: Conversion['state'],
  change: Partial<Conversion>,
): Promise<Conversion> {
  const id = uuidv7();
  const conversion = { ...inState(state), id, audioKeys: [`${id}.one`, `${id}.two`], ...change };
  await conversions.create(conversion);
  return conversion;
}

/** A record in this state that still has something, with every file that it can name. */
async function storeWith(
  { files, conversions }: Stores,
  state: Conversion['state'],
): Promise<FileRef[]> {
  const later = new Date(Date.now() + 9 * ORPHAN_AGE_MS);
  const isOver = ['ready', 'failed', 'cancelled'].includes(state);
  const change = {
    ...(isOver && { expiresAt: later }),
    ...(state === 'expired' && { videoExpiresAt: later }),
  };
  const { id, audioKeys } = await record(conversions, state, change);
  const keys = audioKeys.map((key) => ({ bucket: 'mp3s', key }) as const);
  const named: FileRef[] = [{ bucket: 'videos', key: id }, ...keys];
  for (const file of named) await files.put(file, contentOf(0, 10));
  return named;
}
