/** `npm run keys`: makes what signs access tokens and links, and prints it as settings. */
import { generateSigningKey } from '../src/adapters/tokens/jose.ts';
import { newLinkSecret } from './start/link-secret.ts';

const { privateJwk, publicJwk } = await generateSigningKey();
console.log(`TOKEN_PRIVATE_KEY=${JSON.stringify(privateJwk)}`);
console.log(`TOKEN_PUBLIC_KEYS=${JSON.stringify({ keys: [publicJwk] })}`);
console.log(`LINK_SECRET=${newLinkSecret()}`);
