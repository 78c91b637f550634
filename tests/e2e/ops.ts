import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { prepareStores } from '../../scripts/start/prepare-stores.ts';
import { composeJanitor } from '../../src/compose.ts';
import { janitorConfig } from '../../src/config.ts';
import type { Conversion } from '../../src/domain/conversion.ts';
import { encodeMessage, type MessageName } from '../../src/domain/messages.ts';
import { readConfig } from '../../src/read-config.ts';
import { someConversion } from '../support/conversions.ts';
import { contentOf } from '../support/generated-content.ts';
import { section, tableRows } from '../support/markdown.ts';
import { startProgram } from '../support/program.ts';

export interface OpsHarness {
  /** What the stores are set by, for the test that fills them. */
  settings(): Record<'USERS_URL' | 'FILES_URL' | 'CONVERSIONS_URL' | 'QUEUE_URL', string>;
  /** What the command is set by. */
  environment(): Record<string, string>;
  /** Its first line. */
  readonly place: RegExp;
  /** What doctor says that it has looked at. */
  readonly parts: readonly string[];
}

const RUNBOOK = readFileSync('docs/runbook.md', 'utf8');
const EXHAUSTED = { code: 'attempts-exhausted', message: 'tried several times' } as const;
const LATER = new Date(Date.now() + 3_600_000);

/** `npm run ops`, as its user calls it, on stores with something in them to look after. */
export function opsSuite(harness: OpsHarness): void {
  const kept = givenUp({ expiresAt: LATER });
  const spent = givenUp({});

  beforeAll(async () => {
    await prepareStores(harness.settings());
    const stores = await open(harness);
    for (const conversion of [kept, spent]) {
      await stores.conversions.create(conversion);
      await stores.queue.deadLetter(deathOf(conversion), 'unavailable: files');
    }
    await stores.files.put({ bucket: 'videos', key: kept.id }, contentOf(0, 1_500));
    await close(stores);
  });

  const ops = async (...args: string[]) => {
    const command = { args: ['scripts/ops.ts', ...args], env: harness.environment() };
    const program = await startProgram(command, '');
    const code = await program.ended;
    return { code, output: program.output() };
  };

  test('queues counts, and says at what it looks', async () => {
    const { code, output } = await ops('queues');
    expect(output).toMatch(harness.place);
    expect(output).toMatch(/video\.uploaded +0 +[0-9-]+ +[0-9-]+ +2\n/);
    expect(output).not.toContain('guest');
    expect(code).toBe(0);
  });

  test('dead says why each has died, and what its conversion is', async () => {
    const { code, output } = await ops('dead', 'video.uploaded');
    expect(output).toContain('video.uploaded: 2 dead');
    expect(output).toContain('after 4 failed attempts: unavailable: files');
    expect(output).toContain(`conversion ${kept.id}: failed (attempts-exhausted)`);
    expect(code).toBe(0);
  });

  test('doctor looks at every part, and warns of the dead', async () => {
    const { code, output } = await ops('doctor');
    for (const part of harness.parts) expect(output).toMatch(new RegExp(`^ok +${part} `, 'm'));
    expect(output).toMatch(/^warn +messages +2 dead in video\.uploaded$/m);
    expect(output).not.toMatch(/^fail/m);
    expect(code).toBe(0);
    const inRunbook = tableRows(section(RUNBOOK, 'What doctor says')).map(([part]) => part);
    const said = [...output.matchAll(/^(?:ok|warn) +(\w+)/gm)].map(([, part]) => part);
    expect(inRunbook).toEqual(expect.arrayContaining([...new Set(said)]));
  });

  test('redrive puts back what it is asked for, and only what can begin anew does', async () => {
    const one = await ops('redrive', 'video.uploaded', '--id', messageIdOf(kept));
    expect(one.output).toContain(`(conversion ${kept.id}): converts it anew`);
    expect(one.output).toContain('1 put back into video.uploaded, 1 conversions begin anew');
    expect(one.code).toBe(0);
    const all = await ops('redrive', 'video.uploaded.dead');
    expect(all.output).toContain(`(conversion ${spent.id}): does nothing`);
    expect(all.output).toContain('its video is not kept any more');
    const none = await ops('redrive', 'video.uploaded');
    expect(none).toMatchObject({ code: 1 });

    const stores = await open(harness);
    const ready = async () => (await stores.queue.depths())[0];
    await expect.poll(ready).toMatchObject({ ready: 2, dead: 0 });
    expect(await stores.conversions.find(kept.id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(await stores.conversions.find(kept.id)).not.toHaveProperty('outbox');
    await close(stores);
  });

  test('conversion tells its history, its files and what comes next', async () => {
    const { code, output } = await ops('conversion', kept.id);
    expect(output).toContain(`${kept.id} is queued`);
    expect(output).toMatch(/queued +redriven/);
    expect(output).toMatch(new RegExp(`videos/${kept.id} +1\\.5 kB`));
    expect(output).toMatch(/nobody has begun: .*Z \(in \d+ min\)/);
    expect(code).toBe(0);
    expect(await ops('conversion', randomUUID())).toMatchObject({ code: 1 });
  });

  test('retry begins anew what can, with or without a dead letter, and says why the rest cannot', async () => {
    const again = givenUp({ expiresAt: LATER });
    const stores = await open(harness);
    await stores.conversions.create(again);
    await stores.files.put({ bucket: 'videos', key: again.id }, contentOf(0, 10));
    const { code, output } = await ops('retry', again.id);
    expect(output).toContain(`${again.id}: converts it anew.`);
    expect(code).toBe(0);
    await expect
      .poll(() => stores.conversions.find(again.id))
      .toMatchObject({ state: 'queued', attempts: 0 });
    await expect.poll(async () => (await stores.queue.depths())[0]).toMatchObject({ ready: 3 });
    const rest = await ops('retry', spent.id);
    expect(rest.output).toContain('its video is not kept any more');
    expect(rest.code).toBe(1);
    await close(stores);
  });

  test('discard removes the one that it is told to, and says what that means', async () => {
    const [first, second] = [deathOf(kept, randomUUID()), deathOf(spent, randomUUID())];
    const stores = await open(harness);
    for (const death of [first, second]) await stores.queue.deadLetter(death, 'a test');
    await expect.poll(async () => (await stores.queue.depths())[0]).toMatchObject({ dead: 2 });
    const { code, output } = await ops('discard', 'video.uploaded', '--id', first.messageId);
    expect(output).toContain(`${first.messageId} is removed: its conversion ${kept.id} is queued,`);
    expect(code).toBe(0);
    const left = () => stores.queue.deadLetters('video.uploaded', 10);
    await expect.poll(left).toMatchObject([{ messageId: second.messageId }]);
    expect(await ops('discard', 'video.uploaded', '--id', first.messageId)).toMatchObject({
      code: 1,
    });
    await close(stores);
  });

  test('discard removes what came without an id, and nothing else', async () => {
    const { messageId: _none, ...foreign } = deathOf(kept);
    const stores = await open(harness);
    const dead = async () => (await stores.queue.depths())[0]?.dead;
    const before = (await dead()) ?? 0;
    await stores.queue.deadLetter({ ...foreign, body: Buffer.from('hello') }, 'a test');
    await expect.poll(dead).toBe(before + 1);
    const { code, output } = await ops('discard', 'video.uploaded', '--without-id');
    expect(output).toContain('one without an id is removed: it was no message of Soundlift.');
    expect(code).toBe(0);
    await expect.poll(dead).toBe(before);
    expect(await ops('discard', 'video.uploaded', '--without-id')).toMatchObject({ code: 1 });
    await close(stores);
  });

  test('orphans finds nothing that is younger than a day', async () => {
    const stores = await open(harness);
    const young = { bucket: 'mp3s', key: `${randomUUID()}.token` } as const;
    await stores.files.put(young, contentOf(0, 10));
    const { code, output } = await ops('orphans', '--remove');
    expect(output).toContain('older than a day has a record');
    expect(code).toBe(0);
    expect(await stores.files.stat(young)).toBeDefined();
    await close(stores);
  });

  describe('what cannot be done is said in one line, with what to do', () => {
    test.each([
      [['nonsense'], 'No such command'],
      [['redrive'], 'It is npm run ops -- redrive <queue>'],
      [['discard', 'audio.ready'], 'npm run ops -- discard audio.ready --id <id>'],
      [['discard', 'audio.ready', '--id', '1', '--without-id'], 'Say which'],
      [['dead', 'nonsense'], 'there are video.uploaded, audio.ready, conversion.failed'],
      [['queues', '--nonsense'], "Unknown option '--nonsense'"],
    ])('%j', async (args, says) => {
      const { code, output } = await ops(...args);
      expect(output).toContain(says);
      expect(output).not.toMatch(/^ {4}at /m);
      expect(code).toBe(1);
    });
  });
}

function givenUp(change: Partial<Conversion>): Conversion {
  const id = randomUUID();
  return { ...someConversion({ state: 'failed', error: EXHAUSTED, ...change }), id };
}

const messageIdOf = ({ id }: Conversion) => id.replace(/^.{8}/, '00000000');

function deathOf(conversion: Conversion, messageId = messageIdOf(conversion)) {
  const queue: MessageName = 'video.uploaded';
  const body = encodeMessage({
    name: queue,
    version: 1,
    id: messageId,
    conversionId: conversion.id,
    occurredAt: new Date().toISOString(),
  });
  return { queue, body, messageId, failedAttempts: 4, redelivered: false };
}

function open(harness: OpsHarness) {
  return composeJanitor(readConfig(janitorConfig, { ...harness.settings(), LOG_LEVEL: 'error' }));
}

async function close(stores: Awaited<ReturnType<typeof open>>): Promise<void> {
  for (const store of [stores.files, stores.conversions, stores.queue]) await store.dispose();
}
