import { describe, expect, it, test } from 'vitest';
import { Problem } from '../../web/api/problem.ts';
import { isChanged, newsOf } from '../../web/conversions/changes.ts';
import type { Conversion } from '../../web/conversions/conversion.ts';
import { createConversions } from '../../web/conversions/conversions.ts';
import { mergePage } from '../../web/conversions/merge-page.ts';
import { pollDelayMs } from '../../web/conversions/poll-delay.ts';

const MOMENT = '2026-11-27T10:00:00.000Z';

function conversion(id: string, given: Partial<Conversion> = {}): Conversion {
  return {
    file_id: id,
    filename: `${id}.mp4`,
    status: 'converting',
    progress: 0,
    seconds_left: null,
    video_size_bytes: 1,
    audio_size_bytes: null,
    duration_seconds: null,
    source: null,
    made: null,
    warnings: [],
    error: null,
    attempts: 1,
    created_at: MOMENT,
    updated_at: MOMENT,
    expires_at: null,
    ...given,
  };
}
const idsOf = (items: readonly Conversion[] | undefined) => items?.map(({ file_id }) => file_id);

test('one asks again after 1 second, and after 15 at the most when nothing happens', () => {
  expect([0, 1, 2, 20].map(pollDelayMs)).toEqual([1_000, 1_500, 2_250, 15_000]);
});

describe('a page that comes', () => {
  const known = ['9', '7', '5', '3'].map((id) => conversion(id));

  it('takes away what is in its range and not on it, and leaves what is older', () => {
    const page = { items: ['9', '5'].map((id) => conversion(id)), next: '5' };
    expect(idsOf(mergePage(known, page))).toEqual(['9', '5', '3']);
  });

  it('is all there is when it is the last one', () => {
    const page = { items: [conversion('9')], next: null };
    expect(idsOf(mergePage(known, page))).toEqual(['9']);
  });

  it('comes after its cursor', () => {
    const page = { items: [conversion('2')], next: null };
    expect(idsOf(mergePage(known, page, '3'))).toEqual(['9', '7', '5', '3', '2']);
  });
});

test('what became ready or failed is news, and what was so before is none', () => {
  const before = [conversion('3'), conversion('2'), conversion('1', { status: 'ready' })];
  const after = [
    conversion('4', { status: 'failed' }),
    conversion('3', { status: 'ready' }),
    conversion('2', { progress: 0.5, updated_at: '2026-11-27T10:00:01.000Z' }),
    conversion('1', { status: 'ready' }),
  ];
  expect(newsOf(before, after).map(({ kind, conversion: { file_id } }) => [kind, file_id])).toEqual(
    [['ready', '3']],
  );
  expect(isChanged(before, after)).toBe(true);
  expect(isChanged(before, before)).toBe(false);
});

describe('the list', () => {
  function setUp(answers: (Conversion[] | Problem)[]) {
    const delays: { delayMs: number; work: () => void }[] = [];
    const list = createConversions({
      api: {
        list: async () => {
          const answer = answers.shift() ?? [];
          if (answer instanceof Problem) throw answer;
          return { items: answer, next: null };
        },
        show: async (id) => conversion(id),
      },
      onNews: () => undefined,
      toProblem: (error) =>
        error instanceof Problem ? error : new Problem({ code: 'internal', status: 500 }),
      after: (delayMs, work) => {
        const timer = { delayMs, work };
        delays.push(timer);
        return () => void delays.splice(delays.indexOf(timer), 1);
      },
    });
    return { list, delays };
  }

  it('asks again only as long as something goes on', async () => {
    const { list, delays } = setUp([[conversion('1')], [conversion('1', { status: 'ready' })]]);
    await list.refresh();
    expect(delays.map(({ delayMs }) => delayMs)).toEqual([1_000]);
    await list.refresh();
    expect(delays).toEqual([]);
  });

  it('asks nothing while nobody looks', async () => {
    const { list, delays } = setUp([[conversion('1')], [conversion('2')]]);
    await list.refresh();
    list.setWatched(false);
    expect(delays).toEqual([]);
    list.setWatched(true);
    await expect.poll(() => idsOf(list.items.value)).toEqual(['2']);
  });

  it('keeps what it knows when it gets no answer, and tries again', async () => {
    const away = new Problem({ code: 'unreachable', status: 0 });
    const { list, delays } = setUp([[conversion('1', { status: 'ready' })], away]);
    await list.refresh();
    await list.refresh();
    expect(idsOf(list.items.value)).toEqual(['1']);
    expect(list.problem.value).toBe(away);
    expect(delays).toHaveLength(1);
  });
});
