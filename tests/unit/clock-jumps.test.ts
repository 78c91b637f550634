import { beforeEach, describe, expect, test } from 'vitest';
import { createHandler as createConverter } from '../../functions/converter/handler.ts';
import { LEASE_MS } from '../../functions/converter/keep-lease.ts';
import { createHandler as createJanitor } from '../../functions/janitor/handler.ts';
import { createHandler as createNotifier } from '../../functions/notifier/handler.ts';
import { changeConversion } from '../../src/conversions/change-conversion.ts';
import { claimed } from '../../src/domain/conversion.ts';
import type { TranscodeJob } from '../../src/ports/transcoder.ts';
import { type FakeWorld, fakeWorld, HOUR_MS } from '../support/fake-world.ts';
import { lambdaContext } from '../support/http-event.ts';

const DAY_MS = 24 * HOUR_MS;

let world: FakeWorld;
beforeEach(() => {
  world = fakeWorld();
});

/** What a function is given on a machine whose clock is wrong by so much. */
const wrongBy = (ms: number) => ({
  ...world.deps,
  clock: { now: () => new Date(+world.clock.now() + ms) },
});

/** Everything that happens to a conversion from here on, for longer than an MP3 is kept. */
async function live(
  deps: Partial<
    Record<'converter' | 'notifier', FakeWorld['deps'] | ReturnType<typeof wrongBy>>
  > = {},
) {
  const converter = createConverter(deps.converter ?? world.deps);
  const notifier = createNotifier(deps.notifier ?? world.deps);
  const deliverAll = async () => {
    await world.deliver('video.uploaded', converter);
    await world.deliver('audio.ready', notifier);
  };
  await deliverAll();
  await world.pass(1, deliverAll);
}

async function expectOneOfEach(id: string): Promise<void> {
  const conversion = await world.conversions.find(id);
  expect(conversion).toMatchObject({ state: 'ready' });
  expect([...world.fileMap.keys()]).toEqual([`mp3s/${conversion?.audio?.key}`]);
  expect(world.mailer.sent).toHaveLength(1);
  expect(world.queue.dead).toEqual([]);
  await world.pass(9 * 24);
  expect(await world.conversions.find(id)).toMatchObject({ state: 'expired' });
  expect(world.fileMap.size).toBe(0);
}

describe.each([
  ['ahead', DAY_MS],
  ['behind', -DAY_MS],
])('a clock that is a day %s', (_, jumpMs) => {
  test('where the video is uploaded costs nothing', async () => {
    const { id } = await world.upload(wrongBy(jumpMs));
    await live();
    await expectOneOfEach(id);
  });

  test('where it is converted costs nothing', async () => {
    const { id } = await world.upload();
    await live({ converter: wrongBy(jumpMs) });
    await expectOneOfEach(id);
  });

  test('where the owner is told costs nothing but the time of the link', async () => {
    const { id } = await world.upload();
    await live({ notifier: wrongBy(jumpMs) });
    await expectOneOfEach(id);
  });

  test('where is tidied up costs a second beginning at the most', async () => {
    const { id } = await world.upload();
    let isFirst = true;
    const transcoder = {
      ...world.transcoder,
      async toMp3(job: TranscodeJob) {
        if (isFirst) await createJanitor(wrongBy(jumpMs))({}, lambdaContext);
        isFirst = false;
        return await world.transcoder.toMp3(job);
      },
    };
    await live({ converter: { ...world.deps, transcoder } });
    expect((await world.conversions.find(id))?.attempts).toBe(jumpMs > 0 ? 2 : 1);
    await expectOneOfEach(id);
  });

  test('from the middle of a conversion on costs a second beginning at the most', async () => {
    const { id } = await world.upload();
    const transcoder = {
      ...world.transcoder,
      async toMp3(job: TranscodeJob) {
        world.clock.advance(jumpMs);
        return await world.transcoder.toMp3(job);
      },
    };
    await live({ converter: { ...world.deps, transcoder } });
    await expectOneOfEach(id);
  });
});

test('a lease of a clock ahead outlives the converter that died with it by a day, and no longer', async () => {
  const { id } = await world.upload();
  const now = new Date(+world.clock.now() + DAY_MS);
  const lease = { token: 'died', until: new Date(+now + LEASE_MS) };
  await changeConversion(world.conversions, id, (it) => claimed(it, lease, now));
  await live();
  expect(await world.conversions.find(id)).toMatchObject({ state: 'converting' });
  await world.pass(24, () => live());
  await expectOneOfEach(id);
});
