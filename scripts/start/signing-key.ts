import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSigningKey } from '../../src/adapters/tokens/jose.ts';
import { readIfThere } from './read-if-there.ts';

export interface SigningKey {
  readonly privateJwk: string;
  readonly publicJwks: string;
}

/** The key that signs access tokens: made once, kept in the data folder, readable by its owner alone. */
export async function signingKey(dataDirectory: string): Promise<SigningKey> {
  const directory = join(dataDirectory, 'keys');
  const privatePath = join(directory, 'private.jwk.json');
  const publicPath = join(directory, 'public.jwks.json');
  const kept = { privateJwk: readIfThere(privatePath), publicJwks: readIfThere(publicPath) };
  if (kept.privateJwk !== undefined && kept.publicJwks !== undefined) {
    return { privateJwk: kept.privateJwk, publicJwks: kept.publicJwks };
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
