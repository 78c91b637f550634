import type { Conversion } from './conversion.ts';

interface Page {
  readonly items: readonly Conversion[];
  readonly next?: string | null;
}

/** Newest first: the ids are UUIDv7, which sort by the time of creation. */
const byNewest = (a: Conversion, b: Conversion) => (a.file_id < b.file_id ? 1 : -1);

/**
 * What is known after a page has come: its items are the newest of what they say, and what lies in its
 * range and is not on it has been removed.
 *
 * @param cursor of the page; `undefined`: it is the first one
 */
export function mergePage(
  known: readonly Conversion[],
  page: Page,
  cursor?: string,
): readonly Conversion[] {
  const onPage = new Set(page.items.map(({ file_id }) => file_id));
  const last = page.items.at(-1)?.file_id;
  const isWithin = (id: string) => {
    const isAfterBegin = cursor === undefined || id < cursor;
    const isBeforeEnd = !page.next || (last !== undefined && id >= last);
    return isAfterBegin && isBeforeEnd;
  };
  const others = known.filter(({ file_id }) => !onPage.has(file_id) && !isWithin(file_id));
  return [...page.items, ...others].sort(byNewest);
}
