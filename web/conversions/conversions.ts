import { batch, type ReadonlySignal, signal } from '@preact/signals';
import type { Problem } from '../api/problem.ts';
import { isChanged, type News, newsOf } from './changes.ts';
import { type Conversion, isOpen } from './conversion.ts';
import { mergePage } from './merge-page.ts';
import { pollDelayMs } from './poll-delay.ts';

interface ConversionsDeps {
  readonly api: {
    list(query: { readonly limit: number; readonly cursor?: string }): Promise<{
      readonly items: readonly Conversion[];
      readonly next: string | null;
    }>;
    show(id: string): Promise<Conversion>;
  };
  /** What can be asked for at once: openapi.json, listConversions. */
  onNews(news: readonly News[]): void;
  toProblem(error: unknown): Problem;
  after(delayMs: number, work: () => void): () => void;
}

export interface Conversions {
  /** Newest first; `undefined`: nothing has come yet. */
  readonly items: ReadonlySignal<readonly Conversion[] | undefined>;
  readonly hasMore: ReadonlySignal<boolean>;
  /** Why the last attempt brought nothing. */
  readonly problem: ReadonlySignal<Problem | undefined>;
  refresh(): Promise<void>;
  more(): Promise<number>;
  /** One that may be older than what is shown. */
  find(id: string): Promise<Conversion>;
  /** It has just been changed by its owner. */
  replace(conversion: Conversion): void;
  forget(id: string): void;
  /** Nobody is looking: nothing is asked until somebody is. */
  setWatched(isWatched: boolean): void;
  close(): void;
}

const PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;

/** One's conversions, kept fresh as long as one of them goes on and somebody looks. */
export function createConversions(deps: ConversionsDeps): Conversions {
  const items = signal<readonly Conversion[] | undefined>(undefined);
  const hasMore = signal(false);
  const problem = signal<Problem | undefined>(undefined);
  let isWatched = true;
  let isClosed = false;
  let unchanged = 0;
  let stopTimer: () => void = () => undefined;
  let refreshing: Promise<void> | undefined;
  /** Removed or changed meanwhile: an answer that was under way does not bring it back. */
  let generation = 0;

  function schedule(): void {
    stopTimer();
    const isAnyOpen = items.value?.some(isOpen) ?? false;
    const isWorthwhile = isAnyOpen || problem.value !== undefined;
    if (!isWatched || isClosed || !isWorthwhile) return;
    stopTimer = deps.after(pollDelayMs(unchanged), () => void refresh());
  }

  function take(page: { items: readonly Conversion[]; next: string | null }, cursor?: string) {
    const before = items.value ?? [];
    const after = mergePage(before, page, cursor);
    unchanged = isChanged(before, after) ? 0 : unchanged + 1;
    batch(() => {
      items.value = after;
      problem.value = undefined;
    });
    deps.onNews(newsOf(before, after));
  }

  async function load(): Promise<void> {
    const asked = generation;
    const limit = Math.min(MAX_PAGE_SIZE, Math.max(PAGE_SIZE, items.value?.length ?? 0));
    try {
      const page = await deps.api.list({ limit });
      if (isClosed) return;
      if (asked !== generation) return await load();
      const isFirst = items.value === undefined;
      take(page);
      const isAllKnown = (items.value?.length ?? 0) <= page.items.length;
      if (isFirst || isAllKnown) hasMore.value = page.next !== null;
    } catch (error) {
      if (isClosed) return;
      unchanged += 1;
      problem.value = deps.toProblem(error);
    }
  }

  function refresh(): Promise<void> {
    stopTimer();
    refreshing ??= load().finally(() => {
      refreshing = undefined;
      schedule();
    });
    return refreshing;
  }

  return {
    items,
    hasMore,
    problem,
    refresh() {
      unchanged = 0;
      return refresh();
    },
    async more() {
      const last = items.value?.at(-1)?.file_id;
      const page = await deps.api.list({ limit: PAGE_SIZE, ...(last && { cursor: last }) });
      take(page, last);
      hasMore.value = page.next !== null;
      schedule();
      return page.items.length;
    },
    async find(id) {
      const known = items.value?.find(({ file_id }) => file_id === id);
      return known ?? (await deps.api.show(id));
    },
    replace(conversion) {
      generation += 1;
      items.value = items.value?.map((item) =>
        item.file_id === conversion.file_id ? conversion : item,
      );
      schedule();
    },
    forget(id) {
      generation += 1;
      items.value = items.value?.filter(({ file_id }) => file_id !== id);
    },
    setWatched(now) {
      if (now === isWatched) return;
      isWatched = now;
      unchanged = 0;
      if (now) void refresh();
      else stopTimer();
    },
    close() {
      isClosed = true;
      stopTimer();
    },
  };
}
