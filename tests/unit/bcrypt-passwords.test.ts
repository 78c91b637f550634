import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { createBcryptPasswordHasher } from '../../src/adapters/passwords/bcrypt.ts';

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

test('to verify takes as long for nobody as for a wrong password', async () => {
  const slower = createBcryptPasswordHasher({ cost: 9 });
  const hash = await slower.hash('correct horse');
  const timeMs = async (known: string | undefined) => {
    const startMs = performance.now();
    await slower.verify('wrong', known);
    return performance.now() - startMs;
  };
  // The quickest of several is what the work itself takes, whatever else the machine does.
  const quickest = async (known: string | undefined) => {
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) times.push(await timeMs(known));
    return Math.min(...times);
  };

  const [nobody, somebody] = [await quickest(undefined), await quickest(hash)];
  expect(nobody / somebody).toBeGreaterThan(0.5);
  expect(nobody / somebody).toBeLessThan(2);
});
