import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey } from '../../src/adapters/tokens/jose.ts';

export interface SigningKey {
  readonly privateJwk: string;
  readonly publicJwks: string;
}

/** The key that signs access tokens: made once, kept in the data folder, readable by its owner alone. */
export async function signingKey(dataDirectory: string): Promise<SigningKey> {
  const directory = join(dataDirectory, 'keys');
  const privatePath = join(directory, 'private.jwk.json');
  const publicPath = join(directory, 'public.jwks.json');
  try {
    return {
      privateJwk: readFileSync(privatePath, 'utf8'),
      publicJwks: readFileSync(publicPath, 'utf8'),
    };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const pair = await generateSigningKey();
  const privateJwk = JSON.stringify(pair.privateJwk);
  const publicJwks = JSON.stringify({ keys: [pair.publicJwk] });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // The private key last: with it there, both are.
  writeFileSync(publicPath, publicJwks);
  writeFileSync(privatePath, privateJwk, { mode: 0o600 });
  return { privateJwk, publicJwks };
}
