import { beforeEach, describe, expect, test } from 'vitest';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { type Conversion, queued } from '../../src/domain/conversion.ts';
import type { ConversionStore } from '../../src/ports/conversion-store.ts';
import { inState, NOW } from '../support/conversions.ts';
import { fakeConversionStore } from '../support/fake-conversion-store.ts';

let conversions: ConversionStore;
let finds: number;
let known: Conversion;

beforeEach(async () => {
  const store = fakeConversionStore();
  finds = 0;
  conversions = {
    ...store,
    find: (id) => {
      finds += 1;
      return store.find(id);
    },
  };
  known = inState('uploading');
  await conversions.create(known);
});

const isQueued = (current: Conversion) => queued(current, 10, NOW);
const renamed = (current: Conversion): Conversion => ({
  ...current,
  revision: current.revision + 1,
  video: { ...current.video, fileName: 'b.mp4' },
});

test('a record that was read before is not read again', async () => {
  const changed = await changeConversion(conversions, known, isQueued);
  expect(changed).toMatchObject({ state: 'queued', revision: known.revision + 1 });
  expect(finds).toBe(0);
  expect(await conversions.find(known.id)).toEqual(changed);
});

describe('of a record that has changed since', () => {
  beforeEach(async () => {
    await changeConversion(conversions, known.id, renamed);
  });

  test('the newest is changed', async () => {
    const changed = await changeConversion(conversions, known, isQueued);
    expect(changed).toMatchObject({ state: 'queued', video: { fileName: 'b.mp4' } });
  });

  test('the newest is returned when there is nothing to change in the old one', async () => {
    const found = await changeConversion(conversions, known, (current) => current);
    expect(found.video.fileName).toBe('b.mp4');
  });

  test('the newest decides what is refused', async () => {
    await changeConversion(conversions, known.id, isQueued);
    const old = { ...known, state: 'ready' } as const;
    await expect(changeConversion(conversions, known, isQueued)).rejects.toThrow('queued');
    const again = (current: Conversion) =>
      current.state === 'queued' ? renamed(current) : isQueued(current);
    expect(await changeConversion(conversions, old, again)).toMatchObject({ state: 'queued' });
  });
});

test('one that was removed meanwhile is not found', async () => {
  await conversions.remove(known.id);
  await expect(changeConversion(conversions, known, isQueued)).rejects.toMatchObject({
    code: 'not-found',
  });
});
