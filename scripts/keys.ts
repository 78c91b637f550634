/** `npm run keys`: makes the key that signs access tokens, and prints it as two settings. */
import { generateSigningKey } from '../src/adapters/tokens/jose.ts';

const { privateJwk, publicJwk } = await generateSigningKey();
console.log(`TOKEN_PRIVATE_KEY=${JSON.stringify(privateJwk)}`);
console.log(`TOKEN_PUBLIC_KEYS=${JSON.stringify({ keys: [publicJwk] })}`);
