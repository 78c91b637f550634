import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createJoseTokenVerifier, generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { TOKEN_PARTIES } from '../../src/compose.ts';
import { fakeClock } from '../support/fake-clock.ts';

/*
 * The JWS vectors of Project Wycheproof (https://github.com/C2SP/wycheproof), from wherever they are: they
 * are not a part of this repository. None of their keys is Ed25519, so all of them must be refused, the
 * valid ones too; what they do to a token is done to ours in tests/unit/jose-tokens.test.ts.
 */

const vectorsSchema = z.object({
  numberOfTests: z.number(),
  testGroups: z.array(
    z.object({
      public: z.record(z.string(), z.unknown()).optional(),
      private: z.record(z.string(), z.unknown()).optional(),
      tests: z.array(z.object({ tcId: z.number(), comment: z.string(), jws: z.unknown() })),
    }),
  ),
});

const path = process.env['TEST_WYCHEPROOF_JWS'];
const { publicJwk } = await generateSigningKey();
const clock = fakeClock(new Date('2026-11-27T12:00:00Z'));

function verifierOf(keys: readonly Readonly<Record<string, unknown>>[]) {
  return createJoseTokenVerifier({ jwks: { keys }, ...TOKEN_PARTIES, clock });
}

const reason = path === undefined ? ' (skipped: TEST_WYCHEPROOF_JWS names no file)' : '';

describe.skipIf(path === undefined)(`Wycheproof’s JWS vectors${reason}`, () => {
  const load = () => vectorsSchema.parse(JSON.parse(readFileSync(path ?? '', 'utf8')));

  test('are of keys that stop the start, all of them', () => {
    for (const { public: publicKey, private: privateKey } of load().testGroups) {
      expect(() => verifierOf([{ kid: 'given', ...(publicKey ?? privateKey) }])).toThrow(
        z.ZodError,
      );
    }
  });

  test('are refused, by a kid of ours as well', async () => {
    const { testGroups, numberOfTests } = load();
    let refused = 0;
    for (const { public: publicKey, private: privateKey, tests } of testGroups) {
      const kid = String((publicKey ?? privateKey)?.['kid'] ?? 'none');
      const verifier = verifierOf([{ ...publicJwk, kid }]);
      for (const { tcId, comment, jws } of tests) {
        const token = typeof jws === 'string' ? jws : JSON.stringify(jws);
        await expect(verifier.verify(token), `${tcId} ${comment}`).rejects.toMatchObject({
          code: 'not-authenticated',
        });
        refused += 1;
      }
    }
    expect(refused).toBe(numberOfTests);
  });
});
