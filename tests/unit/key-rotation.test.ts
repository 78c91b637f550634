import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createJoseTokenSigner, createJoseTokenVerifier } from '../../src/adapters/tokens/jose.ts';
import { TOKEN_PARTIES } from '../../src/compose.ts';
import { FUNCTION_CONFIGS } from '../../src/config.ts';
import { ConfigError, readConfig } from '../../src/read-config.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { runProgram } from '../support/program.ts';

const ACCESS_SECONDS = 900;
const START = new Date('2026-11-27T12:00:00Z');
const identity = { userId: 'user-1', email: 'ada@example.org', sessionId: 'session-1' };
const jwksSchema = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

type Settings = Readonly<Record<string, string>>;

/** What `npm run keys` prints, by name. */
async function printedKeys(args: readonly string[], env: Settings = {}): Promise<Settings> {
  const lines = await runProgram({ args: ['scripts/keys.ts', ...args], env });
  const settings = lines.trim().split('\n');
  return Object.fromEntries(settings.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

const usersOf = (keys: Settings) =>
  readConfig(FUNCTION_CONFIGS.users, { USERS_URL: 'sqlite:users.sqlite', ...keys });

function signedBy(keys: Settings, at: Date): Promise<string> {
  const { TOKEN_PRIVATE_KEY: privateJwk } = usersOf(keys);
  const signer = createJoseTokenSigner({ privateJwk, ...TOKEN_PARTIES });
  return signer.sign(identity, at, ACCESS_SECONDS);
}

function verified(token: string, publicKeys: string | undefined, at: Date) {
  const jwks = jwksSchema.parse(JSON.parse(publicKeys ?? ''));
  return createJoseTokenVerifier({ jwks, ...TOKEN_PARTIES, clock: fakeClock(at) }).verify(token);
}

const inSeconds = (seconds: number) => new Date(START.getTime() + seconds * 1_000);
const kidsOf = (publicKeys: string | undefined) =>
  jwksSchema.parse(JSON.parse(publicKeys ?? '')).keys.map(({ kid }) => kid);

describe('a change of keys, in the order of docs/deploying.md', () => {
  test('refuses no token that has not run out, and every one when the old key is gone', async () => {
    const old = await printedKeys([]);
    const oldToken = await signedBy(old, START);
    const both = await printedKeys(['--rotate'], {
      TOKEN_PUBLIC_KEYS: old['TOKEN_PUBLIC_KEYS'] ?? '',
    });
    expect(kidsOf(both['TOKEN_PUBLIC_KEYS'])).toHaveLength(2);

    // 1: everybody knows both, and the old one still signs.
    const first = { ...old, TOKEN_PUBLIC_KEYS: both['TOKEN_PUBLIC_KEYS'] ?? '' };
    const lastOldToken = await signedBy(first, inSeconds(60));
    await verified(oldToken, first.TOKEN_PUBLIC_KEYS, inSeconds(60));
    await verified(lastOldToken, first.TOKEN_PUBLIC_KEYS, inSeconds(60));

    // 2: the new one signs; the old one's tokens are good until they run out.
    const newToken = await signedBy(both, inSeconds(120));
    await verified(newToken, both['TOKEN_PUBLIC_KEYS'], inSeconds(120));
    await verified(lastOldToken, both['TOKEN_PUBLIC_KEYS'], inSeconds(60 + ACCESS_SECONDS - 1));
    await expect(
      verified(lastOldToken, both['TOKEN_PUBLIC_KEYS'], inSeconds(60 + ACCESS_SECONDS)),
    ).rejects.toMatchObject({ code: 'not-authenticated', message: 'the access token has expired' });

    // 3: the old one is taken away.
    const { keys } = jwksSchema.parse(JSON.parse(both['TOKEN_PUBLIC_KEYS'] ?? ''));
    const alone = JSON.stringify({ keys: keys.slice(0, 1) });
    await verified(newToken, alone, inSeconds(121));
    await expect(verified(lastOldToken, alone, inSeconds(121))).rejects.toMatchObject({
      code: 'not-authenticated',
      message: 'the access token is not valid',
    });
  });

  test('stops the start of users when the new key signs before its public half is known', async () => {
    const [old, other] = [await printedKeys([]), await printedKeys([])];
    const mixed = { ...old, TOKEN_PRIVATE_KEY: other['TOKEN_PRIVATE_KEY'] ?? '' };
    expect(() => usersOf(mixed)).toThrow(
      new ConfigError(['TOKEN_PUBLIC_KEYS does not hold the key of TOKEN_PRIVATE_KEY']),
    );
  });

  test('stops the start when a kid is there twice', async () => {
    const { TOKEN_PUBLIC_KEYS = '', ...others } = await printedKeys([]);
    const { keys } = jwksSchema.parse(JSON.parse(TOKEN_PUBLIC_KEYS));
    const twice = { ...others, TOKEN_PUBLIC_KEYS: JSON.stringify({ keys: [...keys, ...keys] }) };
    expect(() => usersOf(twice)).toThrow('TOKEN_PUBLIC_KEYS has the same kid twice');
  });
});

describe('npm run keys -- --rotate', () => {
  test('leaves the secret of links as it is', async () => {
    const old = await printedKeys([]);
    expect(Object.keys(old)).toEqual(['TOKEN_PRIVATE_KEY', 'TOKEN_PUBLIC_KEYS', 'LINK_SECRET']);
    const env = { TOKEN_PUBLIC_KEYS: old['TOKEN_PUBLIC_KEYS'] ?? '' };
    const names = Object.keys(await printedKeys(['--rotate'], env));
    expect(names).toEqual(['TOKEN_PRIVATE_KEY', 'TOKEN_PUBLIC_KEYS']);
  });

  test('publishes nothing private, though it is given', async () => {
    const old = await printedKeys([]);
    const given = JSON.stringify({ keys: [JSON.parse(old['TOKEN_PRIVATE_KEY'] ?? '')] });
    const next = await printedKeys(['--rotate'], { TOKEN_PUBLIC_KEYS: given });
    const { keys } = jwksSchema.parse(JSON.parse(next['TOKEN_PUBLIC_KEYS'] ?? ''));
    expect(keys.map((key) => 'd' in key)).toEqual([false, false]);
  });

  test.each(['', 'not JSON', '{"keys":[{}]}'])('says what it needs, given %j', async (given) => {
    await expect(printedKeys(['--rotate'], { TOKEN_PUBLIC_KEYS: given })).rejects.toThrow(
      /TOKEN_PUBLIC_KEYS is .*: give the one that is in use/,
    );
  });
});
