import { expect, test } from 'vitest';
import { createBcryptPasswordHasher } from '../../src/adapters/passwords/bcrypt.ts';
import { createBcryptThreads } from '../../src/adapters/passwords/bcrypt-threads.ts';

const passwords = createBcryptPasswordHasher({ cost: 4 });

test('a password verifies against its hash, and no other does', async () => {
  const hash = await passwords.hash('correct horse');

  expect(await passwords.verify('correct horse', hash)).toBe(true);
  expect(await passwords.verify('Correct horse', hash)).toBe(false);
  expect(await passwords.verify('', hash)).toBe(false);
});

test('two hashes of one password differ, and name bcrypt and its cost', async () => {
  const hashes = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];

  expect(hashes[0]).not.toBe(hashes[1]);
  expect(hashes[0]).toMatch(/^\$2b\$04\$.{53}$/);
});

test('the cost is 12 unless another is given', async () => {
  expect(await createBcryptPasswordHasher().hash('correct horse')).toMatch(/^\$2b\$12\$/);
});

test('72 bytes of UTF-8 count to the last, and more are neither hashed nor verified', async () => {
  const longest = 'ä'.repeat(36);
  const hash = await passwords.hash(longest);

  expect(await passwords.verify(longest, hash)).toBe(true);
  expect(await passwords.verify(`${'ä'.repeat(35)}ö`, hash)).toBe(false);
  expect(await passwords.verify(`${longest}!`, hash)).toBe(false);
  await expect(passwords.hash(`${longest}!`)).rejects.toThrow(RangeError);
});

test('nobody’s password verifies', async () => {
  expect(await passwords.verify('correct horse', undefined)).toBe(false);
});

test('to verify takes as much work for nobody as for a wrong password', async () => {
  const slower = createBcryptPasswordHasher({ cost: 10 });
  const hash = await slower.hash('correct horse');
  // Processor time, the threads' too: how long it takes depends on what else the machine does.
  const workOf = async (known: string | undefined) => {
    const before = process.cpuUsage();
    await slower.verify('wrong', known);
    return process.cpuUsage(before).user;
  };
  const least = async (known: string | undefined) => {
    const all: number[] = [];
    for (let round = 0; round < 5; round += 1) all.push(await workOf(known));
    return Math.min(...all);
  };

  const [nobody, somebody] = [await least(undefined), await least(hash)];
  expect(nobody / somebody).toBeGreaterThan(1 / 3);
  expect(nobody / somebody).toBeLessThan(3);
});

test('the event loop stays free while passwords are hashed', async () => {
  const slower = createBcryptPasswordHasher({ cost: 11 });
  await slower.verify('the thread has been started', undefined);
  const [ownBefore, allBefore] = [process.threadCpuUsage(), process.cpuUsage()];
  await Promise.all(Array.from({ length: 8 }, () => slower.verify('wrong', undefined)));

  const [own, all] = [process.threadCpuUsage(ownBefore).user, process.cpuUsage(allBefore).user];
  expect(own / all).toBeLessThan(0.3);
});

test('more than may wait are refused, and those that wait are not', async () => {
  const threads = createBcryptThreads({ maxWaiting: 3, maxThreads: 1 });
  const few = createBcryptPasswordHasher({ cost: 4, threads });
  const given = Array.from({ length: 6 }, () => few.verify('wrong', undefined));
  const outcomes = await Promise.allSettled(given);

  expect(outcomes.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'],
    ...['rejected', 'rejected'],
  ]);
  expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'unavailable', part: 'passwords' } });
  expect(await few.verify('wrong', undefined)).toBe(false);
});

test('a thread that dies fails what it was at, and the next one works', async () => {
  const threads = createBcryptThreads({ maxWaiting: 3, maxThreads: 1 });
  const whole = createBcryptPasswordHasher({ cost: 4, threads });
  const unreadable = '?'.repeat(60);
  await expect(whole.verify('correct horse', unreadable)).rejects.toMatchObject({
    code: 'unavailable',
    part: 'passwords',
  });

  expect(await whole.verify('correct horse', await whole.hash('correct horse'))).toBe(true);
});
