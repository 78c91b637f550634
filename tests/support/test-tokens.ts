import {
  createJoseTokenSigner,
  createJoseTokenVerifier,
  generateSigningKey,
} from '../../src/adapters/tokens/jose.ts';
import type { Identity } from '../../src/domain/user.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { TokenSigner } from '../../src/ports/token-signer.ts';
import type { TokenVerifier } from '../../src/ports/token-verifier.ts';

export interface TestTokens {
  readonly signer: TokenSigner;
  readonly verifier: TokenVerifier;
  /** `Bearer …` for somebody. */
  bearer(identity: Identity): Promise<string>;
}

/** Real tokens by a key of the test's own. */
export async function createTestTokens(clock: Clock): Promise<TestTokens> {
  const { privateJwk, publicJwk } = await generateSigningKey();
  const parties = { issuer: 'soundlift', audience: 'soundlift-api' };
  const signer = createJoseTokenSigner({ privateJwk, ...parties });
  return {
    signer,
    verifier: createJoseTokenVerifier({ jwks: { keys: [publicJwk] }, clock, ...parties }),
    bearer: async (identity) => `Bearer ${await signer.sign(identity, clock.now(), 900)}`,
  };
}
