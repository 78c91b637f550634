import { expect, it } from 'vitest';
import { encodeMessage } from '../../src/domain/messages.ts';
import type { DeadLetter, Delivery, Queue } from '../../src/ports/queue.ts';
import { deliveryOf, newMessage, next, type QueueHarness } from './queue.contract.ts';

const NAME = 'audio.ready';

/** The part of `Queue` that is for whoever looks after it. */
export function queueDeadLettersContract(harness: QueueHarness, queue: Queue): void {
  it('shows dead letters as often as it is asked, and leaves them where they are', async () => {
    const body = Uint8Array.from([0xff, 0x00, 0x7b]);
    await queue.deadLetter(newDeath({ body, messageId: 'first', failedAttempts: 3 }), 'no reason');
    await queue.deadLetter(newDeath({ messageId: undefined }), 'foreign');
    for (let round = 0; round < 3; round += 1) {
      await expect.poll(() => read(queue)).toHaveLength(2);
    }
    const first = (await read(queue)).find(({ messageId }) => messageId === 'first');
    expect(first).toMatchObject({ queue: NAME, failedAttempts: 3, reason: 'no reason' });
    expect(Buffer.from(first?.body ?? []).equals(body)).toBe(true);
    expect(Math.abs(Date.now() - Number(first?.diedAt))).toBeLessThan(60_000);
    await expect.poll(() => queue.deadLetters(NAME, 1)).toHaveLength(1);
    expect((await read(queue)).filter((letter) => !('messageId' in letter))).toHaveLength(1);
    expect(await queue.deadLetters('conversion.failed', 10)).toEqual([]);
    await removeAll(harness, 2);
  });

  it('puts back those that are wanted, as new, and no others', async () => {
    const deaths = ['one', 'two', 'three'].map((messageId) => newDeath({ messageId }));
    for (const death of deaths) await queue.deadLetter({ ...death, failedAttempts: 4 }, 'tried');
    await expect.poll(() => read(queue)).toHaveLength(3);
    const asked: (string | undefined)[] = [];
    const redriven = await queue.settleDeadLetters(NAME, async ({ messageId }) => {
      asked.push(messageId);
      return messageId === 'two' ? 'keep' : 'redrive';
    });
    expect(redriven).toBe(2);
    expect([...asked].sort()).toEqual(['one', 'three', 'two']);
    const received = [await next(harness, NAME), await next(harness, NAME)];
    for (const message of received) {
      expect(message.properties).toMatchObject({ type: NAME, headers: { 'x-attempts': 0 } });
      expect(deliveryOf(NAME, message)).toMatchObject({ failedAttempts: 0, redelivered: false });
      await message.ack();
    }
    const ids = received.map(({ properties }) => properties.messageId);
    expect(ids.sort()).toEqual(['one', 'three']);
    await expect.poll(() => read(queue)).toMatchObject([{ messageId: 'two' }]);
    await removeAll(harness, 1);
  });

  it('removes those that are discarded, and no others', async () => {
    for (const messageId of ['one', 'two', 'three']) {
      await queue.deadLetter(newDeath({ messageId }), 'tried');
    }
    await expect.poll(() => read(queue)).toHaveLength(3);
    const discarded = await queue.settleDeadLetters(NAME, async ({ messageId }) =>
      messageId === 'two' ? 'keep' : 'discard',
    );
    expect(discarded).toBe(2);
    await expect.poll(() => read(queue)).toMatchObject([{ messageId: 'two' }]);
    expect(await harness.receive(NAME)).toBeUndefined();
    await removeAll(harness, 1);
  });

  it('leaves dead what could not be prepared, and passes on why', async () => {
    await queue.deadLetter(newDeath({ messageId: 'one' }), 'tried');
    await queue.deadLetter(newDeath({ messageId: 'two' }), 'tried');
    await expect.poll(() => read(queue)).toHaveLength(2);
    const refusal = new Error('the record is not there');
    const redrive = queue.settleDeadLetters(NAME, async () => {
      throw refusal;
    });
    await expect(redrive).rejects.toBe(refusal);
    await expect.poll(() => read(queue)).toHaveLength(2);
    expect(await harness.receive(NAME)).toBeUndefined();
    await removeAll(harness, 2);
  });

  it('looks at a message once that dies again meanwhile', async () => {
    await queue.deadLetter(newDeath({ messageId: 'restless' }), 'tried');
    await expect.poll(() => read(queue)).toHaveLength(1);
    const redriven = await queue.settleDeadLetters(NAME, async () => {
      await queue.deadLetter(newDeath({ messageId: 'another' }), 'tried');
      return 'redrive';
    });
    expect(redriven).toBe(1);
    await (await next(harness, NAME)).ack();
    await expect.poll(() => read(queue)).toMatchObject([{ messageId: 'another' }]);
    await removeAll(harness, 1);
  });

  it('counts what waits to be tried again', async () => {
    const before = await queue.delayed();
    await queue.retryLater(newDeath({ messageId: 'later' }));
    await expect.poll(() => queue.delayed(), { interval: 5 }).toBe(before + 1);
    await (await next(harness, NAME)).ack();
    await expect.poll(() => queue.delayed()).toBe(before);
  });
}

function read(queue: Queue): Promise<DeadLetter[]> {
  return queue.deadLetters(NAME, 100);
}

function newDeath(change: Partial<Delivery>): Delivery {
  const body = encodeMessage(newMessage(NAME));
  return { queue: NAME, body, failedAttempts: 0, redelivered: false, ...change };
}

async function removeAll(harness: QueueHarness, count: number): Promise<void> {
  for (let removed = 0; removed < count; removed += 1) {
    await (await next(harness, `${NAME}.dead`)).ack();
  }
}
