import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { FileRef, FileStore, StoredFile } from '../../src/ports/file-store.ts';
import { contentOf } from '../support/generated-content.ts';

/** What `FileStore` promises of `list`. */
export function fileStoreListContract(store: FileStore): void {
  it.each([1, 2, 3, 100])(
    'has every file once, in the order of the keys, by pages of %i',
    async (limit) => {
      const prefix = randomUUID();
      const keys = ['a', 'b', 'c', 'd', 'e'].map((end) => `${prefix}.${end}`);
      for (const [index, key] of [...keys].reverse().entries()) {
        await store.put({ bucket: 'mp3s', key }, contentOf(0, index + 1));
        if (index % 2 === 0) await store.put({ bucket: 'mp3s', key }, contentOf(0, index + 1));
      }
      await store.put({ bucket: 'videos', key: `${prefix}.c2` }, contentOf(0, 3));
      await store.append({ bucket: 'mp3s', key: `${prefix}.c` }, 0, contentOf(0, 3));
      const listed = await listAll(store, prefix, limit);
      expect(listed.map(({ key }) => key)).toEqual(keys);
      expect(listed.map(({ sizeBytes }) => sizeBytes)).toEqual([5, 4, 3, 2, 1]);
      for (const { changedAt } of listed) {
        expect(Math.abs(Date.now() - changedAt.getTime())).toBeLessThan(60_000);
      }
    },
  );

  it('has what is not whole yet, without a size, and nothing that was removed', async () => {
    const prefix = randomUUID();
    const growing: FileRef = { bucket: 'videos', key: `${prefix}.growing` };
    const whole: FileRef = { bucket: 'videos', key: `${prefix}.whole` };
    await store.append(growing, 0, contentOf(0, 10));
    await store.put(whole, contentOf(0, 10));
    const page = await store.list('videos', { after: prefix, limit: 100 });
    expect(page.items.filter(({ key }) => key.startsWith(prefix))).toMatchObject([
      { key: growing.key, sizeBytes: 0 },
      { key: whole.key, sizeBytes: 10 },
    ]);
    await store.remove(growing);
    await store.remove(whole);
    const { items } = await store.list('videos', { after: prefix, limit: 100 });
    expect(items.filter(({ key }) => key.startsWith(prefix))).toEqual([]);
  });
}

async function listAll(store: FileStore, prefix: string, limit: number): Promise<StoredFile[]> {
  const listed: StoredFile[] = [];
  let after: string | undefined = prefix;
  while (after !== undefined) {
    const page = await store.list('mp3s', { after, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    listed.push(...page.items.filter(({ key }) => key.startsWith(prefix)));
    const isPast = page.items.some(({ key }) => !key.startsWith(prefix));
    after = isPast ? undefined : page.next;
  }
  return listed;
}
