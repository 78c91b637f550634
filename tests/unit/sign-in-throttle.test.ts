import { beforeEach, expect, test } from 'vitest';
import { registerUser } from '../../functions/users/register-user.ts';
import { signIn } from '../../functions/users/sign-in.ts';
import { networkOf } from '../../src/domain/network.ts';
import { usersDeps } from '../support/users-deps.ts';

const ADA = {
  email: 'ada@example.org',
  password: 'correct horse',
  fullName: 'Ada Lovelace',
  address: '192.0.2.1',
};
const WRONG = { ...ADA, password: 'wrong horse' };
const MINUTE_MS = 60_000;

let deps: ReturnType<typeof usersDeps>;

beforeEach(async () => {
  deps = usersDeps();
  await registerUser(deps, ADA);
});

async function codesOf(times: number, input: (time: number) => typeof WRONG): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (let time = 0; time < times; time += 1) {
    codes.push(
      await signIn(deps, input(time)).then(
        () => 'in',
        (error) => error.code,
      ),
    );
  }
  return codes;
}
const count = (codes: readonly unknown[], code: string) =>
  codes.filter((given) => given === code).length;

test('what is refused costs no hashing', async () => {
  let verified = 0;
  const passwords = {
    ...deps.passwords,
    verify: async () => {
      verified += 1;
      return false;
    },
  };
  deps = { ...deps, passwords };
  await codesOf(30, () => WRONG);
  expect(verified).toBe(10);
});

test('a success makes up for earlier failures of the account, not of the address', async () => {
  deps = { ...deps, attemptLimits: { ...deps.attemptLimits, signInsPerAddress: 25 } };
  await codesOf(9, () => WRONG);
  await signIn(deps, ADA);
  expect(count(await codesOf(9, () => WRONG), 'invalid-credentials')).toBe(9);
  await signIn(deps, ADA);
  expect(await codesOf(6, () => ADA)).toEqual(['in', 'in', 'in', 'in', 'in', 'too-many-attempts']);
});

test('one address can try each of many accounts no more than all of them together', async () => {
  const codes = await codesOf(120, (time) => ({ ...WRONG, email: `${time}@example.org` }));
  expect(count(codes, 'invalid-credentials')).toBe(100);
});

test('one address does not lock an account for another', async () => {
  await codesOf(50, () => ({ ...WRONG, address: '198.51.100.66' }));
  await signIn(deps, ADA);
});

test('many addresses get ten times as often at an account, and its owner is let in all the same', async () => {
  await signIn(deps, ADA);
  const attack = (time: number) => ({ ...WRONG, address: `2001:db8:0:${time}::1` });
  const codes = await codesOf(120, attack);
  expect(count(codes, 'invalid-credentials')).toBe(100);
  expect(await codesOf(1, () => ({ ...ADA, address: '203.0.113.5' }))).toEqual([
    'too-many-attempts',
  ]);
  await signIn(deps, ADA);
  deps.clock.advance(15 * MINUTE_MS);
  await signIn(deps, { ...ADA, address: '203.0.113.5' });
});

test('0 is no limit', async () => {
  deps = { ...deps, attemptLimits: { ...deps.attemptLimits, signInsPerAccount: 0 } };
  expect(count(await codesOf(50, () => WRONG), 'invalid-credentials')).toBe(50);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::ffff', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b:1:2:3:4:192.0.2.1', '64:ff9b:1:2::/64'],
  ['', ''],
])('the network of %j is %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
